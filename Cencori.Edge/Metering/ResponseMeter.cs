using Cencori.Edge.Streams;

namespace Cencori.Edge.Metering;

/// <summary>
/// Finds out what a request used, from the bytes of its response as they pass: as the provider tells it, else counted from what passed.
/// </summary>
/// <remarks>
/// It holds a pooled buffer from the first text of the output on. Whoever keeps it past its request calls <see cref="Finish"/> once, from
/// wherever counting is in nobody's way; <see cref="Dispose"/> is for those who do not want to know.
/// </remarks>
/// <param name="setAside">The request's own estimate: its input, and the most that the response may have.</param>
/// <param name="bounds">What the provider is believed.</param>
/// <param name="price">What usage costs by the list, in US dollars; null where nobody knows.</param>
/// <param name="followsWork">The response may come before the work is done, or show how other work has ended.</param>
/// <param name="isIdAll">Of that, only the id is wanted.</param>
public sealed class ResponseMeter(TokenUsage setAside, UsageBounds bounds, Func<TokenUsage, decimal?>? price = null, bool followsWork = false, bool isIdAll = false) : IResponseObserver, IDisposable
{
    private const int PartialContent = 206;

    private readonly Lock _finishing = new();
    private TokenUsage? _finished;
    private readonly BackgroundWorkStatus? _work = followsWork ? new(isIdAll) : null;
    private ResponseScanner? _scanner;
    private EventLines _lines;
    private bool _isEventStream;
    private bool _isRefused;
    private bool _isClosed;
    private bool _isComplete;
    private bool _hasBegun;

    /// <summary>What counts where a response may have been made and nobody can say of what size.</summary>
    public TokenUsage SetAside => setAside with { IsEstimated = setAside.IsPaid };

    /// <summary>The provider told a usage that the request cannot have, and which does not count.</summary>
    public bool IsImplausible => _scanner is not null && (_scanner.HasOddUsage || !bounds.Allow(_scanner.Reported.Read()));

    /// <summary>The id of the work that the response is about; null: it tells none, or nobody follows it.</summary>
    public string? WorkId => _scanner is null ? null : _work?.Id;

    /// <summary>The model that does that work; null: it is not told, or the work is no use of one.</summary>
    public string? WorkModel => _work?.Model;

    /// <summary>
    /// The work goes on behind the response: that says so, and tells no usage. Of a stream it is so only where the work was asked to go on
    /// without it.
    /// </summary>
    /// <param name="wasAsked">It was asked to.</param>
    public bool IsWorkOpen(bool wasAsked) => _scanner is not null && _work is { Status: not null, IsOver: false } && (wasAsked || !_isEventStream) && !TellsUsage;

    /// <summary>The response says in which tier it was served.</summary>
    public bool TellsTier => _scanner is { HasTier: true };

    /// <summary>That work is over, whatever became of it.</summary>
    public bool IsWorkOver => _scanner is not null && _work is { IsOver: true };

    /// <summary>The provider has told the whole usage, and it can be believed.</summary>
    public bool TellsUsage => _scanner is { IsFinal: true } && !IsImplausible && (_scanner.TextBytes == 0 || (_scanner.Reported.TellsOutput && _scanner.Reported.Read().IsPaid));

    /// <summary>The provider told an error within a response that began as a success.</summary>
    public bool HasError => _scanner?.HasError ?? false;

    /// <summary>Of the event that would come next, where a stream's events are numbered; else 0.</summary>
    public long NextSequenceNumber => _scanner?.NextSequenceNumber ?? 0;

    /// <summary>The event has come that is the last of its stream.</summary>
    public bool HasLastEvent => _scanner?.HasLastEvent ?? false;

    /// <summary>
    /// False where a stream has ended before it was whole, so far as the edge knows its format. To be asked when the last byte has been read.
    /// </summary>
    /// <param name="isKnown">The stream should be of a format that the edge knows.</param>
    public bool IsWhole(bool isKnown)
    {
        if (_scanner is null || !_isEventStream)
        {
            return true;
        }

        _scanner.EndDocument();
        return _scanner.IsWhole(isKnown);
    }

    /// <summary>Before the first byte.</summary>
    /// <param name="status">The provider's HTTP status.</param>
    /// <param name="isEventStream">Else it is read as one JSON document, if it is JSON at all.</param>
    public void Begin(int status, bool isEventStream)
    {
        _scanner?.ReleaseText();

        // A part may begin anywhere, and says of no work how it stands.
        _scanner = status is >= 200 and < 300 ? new(status == PartialContent ? null : _work) : null;
        _isRefused = status >= 300;
        (_lines, _isEventStream, _hasBegun, _isClosed) = (default, isEventStream, false, false);
    }

    public void Read(ReadOnlySpan<byte> piece)
    {
        if (_scanner is null || _finished is not null)
        {
            return;
        }

        Look(piece);
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
        if (_scanner is null || _finished is not null)
        {
            return true;
        }

        Look(text);
        if (!_isEventStream)
        {
            _scanner.Read(text);
        }
        else if (_scanner.TryReadEvent(text))
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
    /// <param name="isComplete">The response has come to its end.</param>
    public void Close(bool isComplete = true)
    {
        if (_isClosed)
        {
            return;
        }

        (_isClosed, _isComplete) = (true, isComplete);
        _scanner?.EndDocument();
        if (TellsUsage)
        {
            _scanner!.ReleaseText();
        }
    }

    /// <summary>
    /// What the request used; nothing where the response is an error. Where the provider did not say, it counts the text that passed, which
    /// takes up to some tens of milliseconds. Call it after <see cref="Close"/>; what is read afterwards counts no more.
    /// </summary>
    public TokenUsage Finish()
    {
        lock (_finishing)
        {
            _finished ??= _scanner is not null ? Read(_scanner) : _isRefused ? default : SetAside;
            Dispose();
            return _finished.Value;
        }
    }

    /// <summary>
    /// In US dollars: as the provider tells it, where that can be believed, else by its price; null where nobody knows. A response that
    /// tells no usage is not free.
    /// </summary>
    public decimal? Cost(in TokenUsage usage) => IsToldCost(usage) ? usage.ReportedUsd
        : usage.IsPaid ? price?.Invoke(usage)
        : TellsUsage ? 0
        : null;

    /// <summary>The cost of this usage is what the provider says that it takes.</summary>
    public bool IsToldCost(in TokenUsage usage) => usage.ReportedUsd is { } told && UsageBounds.AllowCost(usage, told);

    public void Dispose() => _scanner?.ReleaseText();

    // Some call a document a stream of events, whose lines never begin so.
    private void Look(ReadOnlySpan<byte> piece)
    {
        if (!_hasBegun && piece.IndexOfAnyExcept(StreamStart.Meaningless) is >= 0 and var first)
        {
            (_hasBegun, _isEventStream) = (true, _isEventStream && piece[first] != '{');
        }
    }

    private TokenUsage Read(ResponseScanner scanner)
    {
        var reported = scanner.Reported.Read() with { ServiceTier = scanner.HasTier ? scanner.ServiceTier : setAside.ServiceTier };
        if (TellsUsage)
        {
            return reported;
        }

        var isKnown = scanner.Reported.IsKnown && reported.IsPaid;
        if (IsImplausible)
        {
            (reported, isKnown) = (new() { ServiceTier = reported.ServiceTier }, false);
        }

        // What passed is what there was, so far as it came; a usage that more text followed told of the output perhaps only the beginning.
        var output = Math.Max(reported.CompletionTokens, scanner.CountText());
        if (!scanner.HasDocument || (scanner.TextBytes == 0 && !(_isComplete && scanner.HasOutputPlace)))
        {
            output = Math.Max(output, setAside.CompletionTokens);
        }

        var usage = reported with
        {
            // Of a part it is not that of the whole.
            ReportedUsd = scanner.IsLast ? reported.ReportedUsd : null,
            PromptTokens = isKnown ? reported.PromptTokens : setAside.PromptTokens,
            CompletionTokens = output,
        };
        return usage with { IsEstimated = usage.TotalTokens > 0 };
    }
}
