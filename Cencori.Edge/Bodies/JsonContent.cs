using Cencori.Edge.Bodies.Buffers;
using Cencori.Edge.Bodies.Scanning;
using Cencori.Edge.Bodies.Splicing;
using Cencori.Edge.Endpoints;
using Cencori.Edge.Models;

namespace Cencori.Edge.Bodies;

/// <summary>A JSON body, buffered whole and scanned.</summary>
public sealed class JsonContent : RequestContent
{
    // Tokens that a provider may add to a request: its own prompts, and reasoning beyond the request's output limit.
    private const long OwnTokens = 10_000;

    private PooledBody _body;
    private readonly bool _canReportUsage;
    private RequestScan _scan;
    private JsonEdits? _edits;

    public JsonContent(PooledBody body, in RequestScan scan, EdgeEndpoint endpoint)
    {
        _body = body;
        _scan = scan;
        Model = scan.Model;
        IsStream = scan.Stream;
        ServiceTier = scan.ServiceTier;
        IsBackground = scan.IsBackground;
        Choices = scan.Choices;
        _canReportUsage = endpoint.HasStreamOptions;

        // A path that the edge does not know may still be a chat endpoint.
        var mayHaveOutput = endpoint.HasOutput || scan.HasMessages || scan.IsUnbounded || scan.OutputBound is not null;
        mayHaveOutput &= !endpoint.IsFree;
        IsFree = endpoint.IsFree;
        ReservedTokens = IsFree ? 0 : scan.Reservation(mayHaveOutput);
        OutputTokens = mayHaveOutput ? scan.EstimateOutputTokens() : 0;
        MostInputTokens = scan.HasUnboundedInput || SearchesWeb ? LargestWindow : body.Length + OwnTokens;
        if (scan.Renames is { } renames)
        {
            foreach (var rename in renames)
            {
                Edits.Replace(rename.Range, rename.Bytes);
            }
        }

        MostOutputTokens = (long)Int128.Min(LargestWindow * (Int128)scan.Choices, scan.OutputBound is null ? long.MaxValue : ((Int128)scan.EstimateOutputTokens() * 2) + OwnTokens);
    }

    public override ReadOnlySpan<byte> Text => _body.Span;

    public override ReadOnlySpan<byte> ChangedText
    {
        get
        {
            if (_edits is null)
            {
                return Text;
            }

            var splices = _edits.With(_scan, []);
            var changed = new byte[_body.Length + Splice.GrowthOf(splices, _body.Length)];
            var original = _body.Borrow();
            try
            {
                new SplicedRuns(splices).Fill(original, changed);
            }
            finally
            {
                _body.EndBorrow();
            }

            return changed;
        }
    }

    internal ref readonly RequestScan Scan => ref _scan;

    /// <summary>True when a model of the request may search the web: at OpenRouter, one whose name ends in <c>:online</c>.</summary>
    internal bool SearchesWeb => _scan.ListsWebSearch || Model?.EndsWith(":online", StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>The changes for every provider. Reading this property creates the list, so callers read it only to make a change.</summary>
    internal JsonEdits Edits => _edits ??= new();

    /// <summary>True when the system messages are replaced by one text. See <see cref="SystemText"/>.</summary>
    internal bool HasSystemText { get; set; }

    public override bool CanSendAgain => true;

    public override ModelAbilities RequiredAbilities => _scan.RequiredAbilities;

    public override RequestLabels? Labels => _scan.Labels;

    public override IReadOnlyList<string> StoredIds => _scan.StoredIds ?? [];

    public override ulong PromptPrefix => _scan.PromptPrefix;

    // Providers refuse stream_options on requests that do not stream.
    public override bool CanRequestUsage => _canReportUsage && _scan.Stream && _scan.IncludeUsage != true;

    public override HttpContent Prepare(HttpRequest request, string? model, UsageOption usage)
    {
        var content = new SplicedContent(_body, Splices(model, usage));
        if (content.Progress is { } progress)
        {
            // YARP copies this stream instead of the body. It yields a byte whenever the provider accepts bytes; see WriteProgress.
            request.Body = progress;
        }

        return content;
    }

    public override byte[]? Copy(string model, int max)
    {
        var splices = Splices(model, UsageOption.AsSent);
        var length = _body.Length + Splice.GrowthOf(splices, _body.Length);
        if (length > max)
        {
            return null;
        }

        var copy = new byte[length];
        var original = _body.Borrow();
        try
        {
            new SplicedRuns(splices).Fill(original, copy);
        }
        finally
        {
            _body.EndBorrow();
        }

        return copy;
    }

    private Splice[] Splices(string? model, UsageOption usage)
    {
        var isModelUnchanged = model == _scan.Model && !_scan.HasRepeatedModel;
        var splices = _scan.Splices(_body.Span, isModelUnchanged ? null : model, includesUsage: usage == UsageOption.Requested);
        var edits = _edits;
        if (usage == UsageOption.Removed && _canReportUsage && _scan.StreamOptionsProperty(_body.Span) is { } options)
        {
            edits = (edits ?? new()).Without(options, _body.Span);
        }

        if (edits is not null)
        {
            splices = JsonEdits.Outermost(edits.With(_scan, splices));
        }

        if (_scan.Start > 0)
        {
            splices = [new(new(0, _scan.Start), default), .. splices];
        }

        return splices;
    }

    /// <summary>True when <paramref name="range"/> overlaps a value of <c>model</c>. If the field is repeated, this includes the earlier values.</summary>
    internal bool IsModel(ByteRange range) => Overlaps(_scan.ModelRange, range) || (_scan.EarlierModelRanges is { } earlier && Array.Exists(earlier, one => Overlaps(one, range)));

    private static bool Overlaps(ByteRange? one, ByteRange other) => one is { } range && other.Start < range.End && other.End > range.Start;

    /// <summary>
    /// Applies the changes for every provider to the body, so that <see cref="Text"/> is what providers receive. Does nothing without
    /// changes.
    /// </summary>
    /// <param name="operation">Selects the fields whose type is checked.</param>
    /// <param name="share">The share from which memory is taken.</param>
    /// <returns>The problem that the changed body has. Null when it has none.</returns>
    /// <exception cref="OverloadedException">The share has no room.</exception>
    internal RequestProblem? ApplyEdits(Operation operation, BufferShare share)
    {
        if (_edits is null)
        {
            return null;
        }

        var splices = _edits.With(_scan, []);
        var changed = PooledBody.Of(_body, splices, share);
        if (!RequestScanner.TryScan(changed.Span, operation, out var scan, out var problem))
        {
            changed.Dispose();
            return problem;
        }

        _body.Dispose();
        _body = changed;
        _scan = scan with { RequiredAbilities = _scan.RequiredAbilities, Labels = _scan.Labels, StoredIds = _scan.StoredIds, PromptPrefix = _scan.PromptPrefix };
        _edits = null;
        return null;
    }

    protected override bool TryTakeModel()
    {
        MayRunAnyModel = _scan.NamesOtherModels || _scan.HasRepeatedModel;
        return true;
    }

    public override void Dispose()
    {
        _body.Dispose();
        base.Dispose();
    }
}
