using Cencori.Edge.Bodies.Scanning;
using Cencori.Edge.Bodies.Splicing;
using Cencori.Edge.Errors;
using Cencori.Edge.Models;

namespace Cencori.Edge.Bodies;

/// <summary>What the edge has read of a request. Builds the body and query that each attempt sends to a provider.</summary>
public abstract class RequestContent : IDisposable
{
    /// <summary>Maximum number of tokens that a model of any provider reads or writes for one request.</summary>
    protected const long LargestWindow = 2_000_000;

    private const int LongestModel = 256;

    /// <summary>A request without a body, or with a body that the edge does not read and streams through.</summary>
    public static RequestContent PassThrough(bool mayRunAnyModel = false) => new Untouched { MayRunAnyModel = mayRunAnyModel };

    /// <summary>The model as the caller wrote it. Null when the request names none.</summary>
    public string? Model { get; protected set; }

    /// <summary>True when the caller asked for an event stream.</summary>
    public bool IsStream { get; protected init; }

    /// <summary>
    /// True when the body may run a model that the edge has not found in it, such as a batch, a stored prompt or a list of fallbacks.
    /// A key that is limited to some models must not send such a body.
    /// </summary>
    public bool MayRunAnyModel { get; set; }

    /// <summary>Tokens to reserve in the token limits of the project and of the credential before the request is sent.</summary>
    public long ReservedTokens { get; protected set; }

    /// <summary>The part of <see cref="ReservedTokens"/> for output.</summary>
    public long OutputTokens { get; protected init; }

    /// <summary>The rest of <see cref="ReservedTokens"/>: the estimated input of the request.</summary>
    public long InputTokens => ReservedTokens - OutputTokens;

    /// <summary>Number of choices requested. Default 1.</summary>
    public long Choices { get; protected init; } = 1;

    /// <summary>True when providers do not charge for the request.</summary>
    protected bool IsFree { get; init; }

    /// <summary>True for a background request: its response may arrive before the provider has done the work.</summary>
    public bool IsBackground { get; protected init; }

    /// <summary>The requested service tier. Null: the standard tier.</summary>
    public string? ServiceTier { get; protected init; }

    /// <summary>Model abilities beyond text that any part of the request needs. None when the scan did not note them, or when the body is not JSON.</summary>
    public virtual ModelAbilities RequiredAbilities => ModelAbilities.None;

    /// <summary>The caller's labels of the request. Null when the request has none, when the scan did not note them, or when the body is not JSON.</summary>
    public virtual RequestLabels? Labels => null;

    /// <summary>Ids of data stored at the provider that the request uses: an earlier response, a conversation, an input file, and files and vector stores
    /// that its messages and tools name.
    /// Empty when the request has none, when the scan did not note them, or when the body is not JSON.</summary>
    public virtual IReadOnlyList<string> StoredIds => [];

    /// <summary>A hash that is equal for requests with the same start, such as the turns of one conversation. Covers tools, instructions and messages as
    /// sent, up to the
    /// end of the first user message, 4 KiB at most. 0: the request has none of these, the scan did not note them, or the body is not JSON.</summary>
    public virtual ulong PromptPrefix => 0;

    /// <summary>Upper limit of input tokens that a provider can plausibly report. If some input lies outside of the
    /// request, this is the largest window of any model.</summary>
    public long MostInputTokens { get; protected set; } = LargestWindow;

    /// <summary>Upper limit of output tokens that a provider can plausibly report.</summary>
    public long MostOutputTokens { get; protected init; } = LargestWindow;

    /// <summary>The body as the caller sent it, if the edge buffers it. Otherwise empty.</summary>
    public virtual ReadOnlySpan<byte> Text => [];

    /// <summary><see cref="Text"/> with the changes that every provider receives. Equals <see cref="Text"/> when there are none.</summary>
    public virtual ReadOnlySpan<byte> ChangedText => Text;

    /// <summary>True when the whole request is buffered, so that a retry can send it again. Default false.</summary>
    public virtual bool CanSendAgain => false;

    /// <summary>
    /// True when a provider of this API can report usage at the end of the stream, and the caller has not asked for the report. The edge may then ask for it.
    /// </summary>
    public virtual bool CanRequestUsage => false;

    /// <summary>Sets the agent's model, the path's model or the default model, in place of the body's model. Azure, too, ignores the body's model.</summary>
    /// <returns>The reason why the model cannot be set. Null when it is set.</returns>
    public EdgeError? TakeModel(string model)
    {
        if (model.Length > LongestModel || model.Any(char.IsControl))
        {
            return EdgeError.Invalid($"A model in a path must have at most {LongestModel} characters, and no control characters.", "model");
        }

        if (!TryTakeModel())
        {
            return Model is not null ? EdgeError.Invalid("Name the model in the path, not in the query.", "model")
                : new EdgeError(ErrorKind.UnsupportedMediaType, "The request body must be application/json or multipart/form-data.");
        }

        Model = model;
        return null;
    }

    /// <summary>Counts text that the edge adds to the request as input. Call it before anything is reserved.</summary>
    /// <param name="bytes">Length of the text in UTF-8 bytes.</param>
    public void AddInput(int bytes)
    {
        ReservedTokens = IsFree ? 0 : ReservedTokens > long.MaxValue - bytes ? long.MaxValue : ReservedTokens + RequestScan.TokensOf(bytes);
        MostInputTokens = Math.Min(LargestWindow, MostInputTokens + bytes);
    }

    /// <summary>Prepares the request for a model that replaces the one in its body. False when the request has no place for a model.</summary>
    protected abstract bool TryTakeModel();

    /// <summary>Builds what one attempt sends to a provider. The original request stays unchanged, so that the next attempt can build its own.</summary>
    /// <param name="request">Receives changes that are not part of the returned body.</param>
    /// <param name="model">The model to send in place of the caller's. Null: no change.</param>
    /// <param name="usage"><see cref="UsageOption.Requested"/> only if <see cref="CanRequestUsage"/>.</param>
    /// <returns>The body to send. Null: YARP copies the body of the request.</returns>
    public abstract HttpContent? Prepare(HttpRequest request, string? model, UsageOption usage);

    /// <summary>A copy of the body that an attempt with another model would send. The copy outlives this request.</summary>
    /// <param name="model">The model to send in place of the caller's.</param>
    /// <param name="max">Maximum length of the copy, in bytes.</param>
    /// <returns>The copy. Null when it would be longer than <paramref name="max"/>, or when the edge does not buffer the body.</returns>
    public virtual byte[]? Copy(string model, int max) => null;

    public virtual void Dispose() => GC.SuppressFinalize(this);

    private sealed class Untouched : RequestContent
    {
        public override HttpContent? Prepare(HttpRequest request, string? model, UsageOption usage) => null;

        // A request without a body needs no other place for the model than the path. A body that the edge does not read may name another model.
        protected override bool TryTakeModel() => !MayRunAnyModel;
    }
}
