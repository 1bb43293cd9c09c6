using Cencori.Edge.Streams;

namespace Cencori.Edge.Metering;

/// <summary>
/// Determines the usage of a request while the bytes of its response pass. Uses the provider's reported usage, or else counts the tokens of the text that passed.
/// </summary>
/// <remarks>
/// Holds a pooled buffer after the first output text. A caller that keeps the meter beyond its request calls <see cref="Finish"/> once, on a thread
/// where counting delays nothing. A caller that does not need the result calls <see cref="Dispose"/>.
/// </remarks>
/// <param name="reserved">The reserved usage, estimated from the request: its input and its largest possible output.</param>
/// <param name="bounds">Reported usage above these limits is ignored.</param>
/// <param name="price">Computes the list price of a usage in US dollars. Null when the price is not known.</param>
/// <param name="followsWork">True: the response may start background work, such as a batch, or report the end of earlier background work.</param>
/// <param name="isIdAll">True: only the id in the response is needed, not model and status.</param>
public sealed class ResponseMeter(TokenUsage reserved, UsageBounds bounds, Func<TokenUsage, decimal?>? price = null, bool followsWork = false, bool isIdAll = false) : IResponseObserver, IDisposable
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

    /// <summary>The reserved usage, marked as estimated. It becomes the usage of a request whose response never began, because the provider may have generated
    /// one nevertheless.</summary>
    public TokenUsage ReservedUsage => reserved with { IsEstimated = reserved.IsPaid };

    /// <summary>True when the provider reported a usage that the request cannot have. Such a usage is ignored.</summary>
    public bool IsImplausible => _scanner is not null && (_scanner.HasImpossibleUsage || !bounds.Allow(_scanner.Reported.Read()));

    /// <summary>The id of the background work that the response is about. Null when the response has no id, or background work is not followed.</summary>
    public string? WorkId => _scanner is null ? null : _work?.Id;

    /// <summary>The model that does the background work. Null when the response names none, or when the work trains a model: the price of using the
    /// model does not apply then.</summary>
    public string? WorkModel => _work?.Model;

    /// <summary>
    /// True when background work continues after the response: its status is not final, and the response reports no usage. A streamed response starts
    /// background work only if the caller asked for it.
    /// </summary>
    /// <param name="wasAsked">True when the caller asked for background work.</param>
    public bool IsWorkOpen(bool wasAsked) => _scanner is not null && _work is { Status: not null, IsOver: false } && (wasAsked || !_isEventStream) && !ReportsUsage;

    /// <summary>True when the response states its service tier.</summary>
    public bool ReportsTier => _scanner is { HasTier: true };

    /// <summary>True when the background work has ended, successfully or not.</summary>
    public bool IsWorkOver => _scanner is not null && _work is { IsOver: true };

    /// <summary>True when the provider reported a complete and plausible usage.</summary>
    public bool ReportsUsage => _scanner is { IsUsageFinal: true } && !IsImplausible && (_scanner.TextBytes == 0 || (_scanner.Reported.IncludesOutput && _scanner.Reported.Read().IsPaid));

    /// <summary>True when the provider reported an error in a response that began as a success.</summary>
    public bool HasError => _scanner?.HasError ?? false;

    /// <summary>Sequence number that the next event will have: one more than that of the last event. 0 when the stream does not number its events.</summary>
    public long NextSequenceNumber => _scanner?.NextSequenceNumber ?? 0;

    /// <summary>True when the last event of the stream has arrived.</summary>
    public bool HasLastEvent => _scanner?.HasLastEvent ?? false;

    /// <summary>
    /// False when the stream ended early. The end of a stream in an unknown format cannot be detected: such a stream counts as complete, unless
    /// <paramref name="isKnown"/> is true and the stream is empty or ends within an event. Call it after the last byte.
    /// </summary>
    /// <param name="isKnown">True when the stream should have a known format.</param>
    public bool IsComplete(bool isKnown)
    {
        if (_scanner is null || !_isEventStream)
        {
            return true;
        }

        _scanner.EndDocument();
        return _scanner.IsComplete(isKnown);
    }

    /// <summary>Starts a response. Call it before the first byte.</summary>
    /// <param name="status">The provider's HTTP status.</param>
    /// <param name="isEventStream">False: the response is read as one JSON document, if it is JSON at all.</param>
    public void Begin(int status, bool isEventStream)
    {
        _scanner?.ReleaseText();

        // A partial response (206) may begin anywhere, so it does not show the status of background work.
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

        DetectJson(piece);
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

        DetectJson(text);
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

    /// <summary>Ends the response. Call it when no more bytes will arrive. Releases the buffer unless tokens must still be counted.</summary>
    /// <param name="isComplete">True when the response has reached its end.</param>
    public void Close(bool isComplete = true)
    {
        if (_isClosed)
        {
            return;
        }

        (_isClosed, _isComplete) = (true, isComplete);
        _scanner?.EndDocument();
        if (ReportsUsage)
        {
            _scanner!.ReleaseText();
        }
    }

    /// <summary>
    /// The usage of the request. Zero when the response is an error. If the provider did not report usage, this method counts the text that passed, which
    /// takes up to some tens of milliseconds. Call it after <see cref="Close"/>. Bytes read afterwards are ignored.
    /// </summary>
    public TokenUsage Finish()
    {
        lock (_finishing)
        {
            _finished ??= _scanner is not null ? Read(_scanner) : _isRefused ? default : ReservedUsage;
            Dispose();
            return _finished.Value;
        }
    }

    /// <summary>
    /// The cost in US dollars: the provider's figure if it is plausible, else the list price. Null when neither is known. If no usage was
    /// counted or reported, the cost is null and not 0, because the response may have cost money.
    /// </summary>
    public decimal? Cost(in TokenUsage usage) => IsCostReported(usage) ? usage.ReportedUsd
        : usage.IsPaid ? price?.Invoke(usage)
        : ReportsUsage ? 0
        : null;

    /// <summary>True when <see cref="Cost"/> of this usage is the cost that the provider reported.</summary>
    public bool IsCostReported(in TokenUsage usage) => usage.ReportedUsd is { } reported && UsageBounds.AllowCost(usage, reported);

    public void Dispose() => _scanner?.ReleaseText();

    // Detects a single JSON document that a provider labels as an event stream. A line of an event stream never begins with a brace.
    private void DetectJson(ReadOnlySpan<byte> piece)
    {
        if (!_hasBegun && piece.IndexOfAnyExcept(StreamStart.Meaningless) is >= 0 and var first)
        {
            (_hasBegun, _isEventStream) = (true, _isEventStream && piece[first] != '{');
        }
    }

    private TokenUsage Read(ResponseScanner scanner)
    {
        var reported = scanner.Reported.Read() with { ServiceTier = scanner.HasTier ? scanner.ServiceTier : reserved.ServiceTier };
        if (ReportsUsage)
        {
            return reported;
        }

        var isKnown = scanner.Reported.IsKnown && reported.IsPaid;
        if (IsImplausible)
        {
            (reported, isKnown) = (new() { ServiceTier = reported.ServiceTier }, false);
        }

        // The counted text is a lower limit: if more text follows a usage report, the report may cover only the start of the output.
        var output = Math.Max(reported.CompletionTokens, scanner.CountText());
        if (!scanner.HasDocument || (scanner.TextBytes == 0 && !(_isComplete && scanner.HasOutputField)))
        {
            output = Math.Max(output, reserved.CompletionTokens);
        }

        var usage = reported with
        {
            // A cost that is reported before the end covers only a part of the response.
            ReportedUsd = scanner.IsUsageLast ? reported.ReportedUsd : null,
            PromptTokens = isKnown ? reported.PromptTokens : reserved.PromptTokens,
            CompletionTokens = output,
        };
        return usage with { IsEstimated = usage.TotalTokens > 0 };
    }
}
