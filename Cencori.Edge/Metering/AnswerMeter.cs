using Cencori.Edge.Streams;

namespace Cencori.Edge.Metering;

/// <summary>
/// Finds out what a request used, from the bytes of its answer as they pass: as the provider tells it, else counted from what passed.
/// </summary>
/// <remarks>
/// It holds a pooled buffer from the first text of the output on. Whoever keeps it past its request calls <see cref="Finish"/> once, from
/// wherever counting is in nobody's way; <see cref="Dispose"/> is for those who do not want to know.
/// </remarks>
/// <param name="inputTokens">The request's own estimate of its input, for answers that do not tell.</param>
/// <param name="price">What usage costs, in US dollars; null where nobody knows.</param>
public sealed class AnswerMeter(long inputTokens, Func<TokenUsage, decimal?>? price = null) : IResponseObserver, IDisposable
{
    private const int BytesPerToken = 4;

    private readonly Lock _finishing = new();
    private TokenUsage? _finished;
    private (TokenUsage Usage, decimal? Cost)? _priced;
    private AnswerScanner? _scanner;
    private EventLines _lines;
    private bool _isEventStream;
    private bool _isAnswered;

    /// <summary>Tokens used so far as is known, input and output; null: nothing is known yet. Estimated where the provider has not said.</summary>
    /// <remarks>Cheap, so that limits can be settled by it at any time: text counts four bytes a token.</remarks>
    public long? UsedTokens => _isAnswered ? ReadCheaply().TotalTokens : null;

    /// <summary>What the request has cost so far as is known, in US dollars; null: nobody knows.</summary>
    public decimal? CostUsd => _isAnswered ? Cost(ReadCheaply()) : null;

    /// <summary>The provider told an error within an answer that began as a success.</summary>
    public bool HasError => _scanner?.HasError ?? false;

    /// <summary>Before the first byte.</summary>
    /// <param name="status">The provider's HTTP status.</param>
    /// <param name="isEventStream">Else it is read as one JSON document, if it is JSON at all.</param>
    public void Begin(int status, bool isEventStream)
    {
        _scanner?.ReleaseText();
        _scanner = status is >= 200 and < 300 ? new() : null;
        (_lines, _isEventStream, _isAnswered) = (default, isEventStream, true);
    }

    public void Read(ReadOnlySpan<byte> piece)
    {
        if (_scanner is null)
        {
            return;
        }

        if (_isEventStream)
        {
            _lines.Read(piece, _scanner);
        }
        else
        {
            _scanner.Read(piece);
        }
    }

    public bool ReadEvent(ReadOnlySpan<byte> text)
    {
        if (_scanner is null)
        {
            return true;
        }

        if (_scanner.TryReadEvent(text))
        {
            _lines.Begin();
        }
        else
        {
            _lines.Read(text, _scanner);
        }

        return true;
    }

    /// <summary>No more bytes will come. What need not be counted gives its buffer back.</summary>
    public void Close()
    {
        _scanner?.EndDocument();
        if (_scanner is { IsFinal: true })
        {
            _scanner.ReleaseText();
        }
    }

    /// <summary>
    /// What the request used; nothing where no answer came or the answer is an error. Where the provider did not say, it counts the text
    /// that passed, which takes up to some tens of milliseconds. Call it after <see cref="Close"/>.
    /// </summary>
    public TokenUsage Finish()
    {
        lock (_finishing)
        {
            _finished ??= Read(_scanner is { IsFinal: false } ? _scanner.CountText() : 0);
            Dispose();
            return _finished.Value;
        }
    }

    /// <summary>In US dollars; null where nobody knows. An answer that tells no usage is not free.</summary>
    public decimal? Cost(TokenUsage usage)
    {
        // Limits, budgets and the record ask one after the other, mostly about the same.
        if (_priced is not { } priced || priced.Usage != usage)
        {
            priced = (usage, usage.IsPaid ? price?.Invoke(usage) : null);
            _priced = priced;
        }

        return priced.Cost;
    }

    public void Dispose() => _scanner?.ReleaseText();

    private TokenUsage ReadCheaply() => Read(_scanner is null ? 0 : _scanner.TextBytes / BytesPerToken);

    private TokenUsage Read(long textTokens)
    {
        if (_scanner is null)
        {
            return default;
        }

        var reported = _scanner.Reported.Read();
        if (_scanner.IsFinal)
        {
            return reported;
        }

        // A usage that more text followed told the input, and of the output perhaps only the beginning.
        var usage = reported with
        {
            PromptTokens = _scanner.Reported.IsKnown ? reported.PromptTokens : inputTokens,
            CompletionTokens = Math.Max(reported.CompletionTokens, textTokens),
        };
        return usage with { IsEstimated = usage.TotalTokens > 0 };
    }
}
