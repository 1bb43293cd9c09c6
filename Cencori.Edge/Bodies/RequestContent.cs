using Cencori.Edge.Errors;
using Cencori.Edge.Models;

namespace Cencori.Edge.Bodies;

/// <summary>What the edge has read of a request, and how it is sent on.</summary>
public abstract class RequestContent : IDisposable
{
    /// <summary>Tokens that the largest model of any provider reads and writes at most.</summary>
    protected const long LargestWindow = 2_000_000;

    private const int LongestModel = 256;

    /// <summary>A request without a body, or one whose body does not matter here and passes as it comes.</summary>
    public static RequestContent PassThrough(bool mayRunAnyModel = false) => new Untouched { MayRunAnyModel = mayRunAnyModel };

    /// <summary>The model as the caller wrote it; null where the request names none.</summary>
    public string? Model { get; protected set; }

    /// <summary>True where the caller asked for a stream of events.</summary>
    public bool IsStream { get; protected init; }

    /// <summary>
    /// True where a body may run a model that the edge has not found in it, such as a batch, a stored prompt or a list of
    /// fallbacks. A key that is limited to some models must not send it.
    /// </summary>
    public bool MayRunAnyModel { get; set; }

    /// <summary>Tokens to take from the project's bucket before the request is sent.</summary>
    public long ReservedTokens { get; protected set; }

    /// <summary>Those of <see cref="ReservedTokens"/> that the response may have at most.</summary>
    public long OutputTokens { get; protected init; }

    /// <summary>The rest of <see cref="ReservedTokens"/>: what the request itself has, estimated.</summary>
    public long InputTokens => ReservedTokens - OutputTokens;

    /// <summary>How many answers to it were asked for at once. Default 1.</summary>
    public long Choices { get; protected init; } = 1;

    /// <summary>Nobody takes anything for it.</summary>
    protected bool IsFree { get; init; }

    /// <summary>The response may come before the work is done.</summary>
    public bool IsBackground { get; protected init; }

    /// <summary>The service tier asked for; null: the ordinary one.</summary>
    public string? ServiceTier { get; protected init; }

    /// <summary>What is asked of the model beside text, all of it that stands anywhere in the request. None where it was not to be noted, and where the body is no JSON.</summary>
    public virtual ModelAbilities RequiredAbilities => ModelAbilities.None;

    /// <summary>What the caller calls the request. Null where it says nothing, where it was not to be noted, and where the body is no JSON.</summary>
    public virtual RequestLabels? Labels => null;

    /// <summary>Ids of what the provider keeps and the request builds on: an earlier response, a conversation, a file to be worked through, files and vector stores named within it. Empty where it
    /// was not to be noted, and where the body is no JSON.</summary>
    public virtual IReadOnlyList<string> StoredIds => [];

    /// <summary>The same for requests that begin alike, as those of one conversation do: of tools, instructions and messages as they were sent, up to the
    /// end of the first message of a user, and 4 KiB at most. 0: nothing of these, it was not to be noted, or the body is no JSON.</summary>
    public virtual ulong PromptPrefix => 0;

    /// <summary>The most input that a provider can have counted; more is a mistake of its own. Only the largest window of any model bounds what does not all stand in the request.</summary>
    public long MostInputTokens { get; protected set; } = LargestWindow;

    /// <summary>The most output that a provider can have counted.</summary>
    public long MostOutputTokens { get; protected init; } = LargestWindow;

    /// <summary>What the caller has written, as far as it is text that the edge holds; else empty.</summary>
    public virtual ReadOnlySpan<byte> Text => [];

    /// <summary>The same with what is changed for every provider; where nothing is, <see cref="Text"/>.</summary>
    public virtual ReadOnlySpan<byte> ChangedText => Text;

    /// <summary>All of it is here, so that it can be sent once more. Default false.</summary>
    public virtual bool CanSendAgain => false;

    /// <summary>
    /// True where the provider can be asked to tell usage at the end of the stream, and the caller has not: then it does not expect it either.
    /// </summary>
    public virtual bool CanAskForUsage => false;

    /// <summary>Takes the model that the path names, and writes it into what is sent in place of the caller's, which Azure does not look at.</summary>
    /// <returns>Null, or why it cannot be.</returns>
    public EdgeError? TakeModel(string model)
    {
        if (model.Length > LongestModel || model.Any(char.IsControl))
        {
            return EdgeError.Invalid($"A model in a path has at most {LongestModel} characters, and no control characters.", "model");
        }

        if (!TryTakeModel())
        {
            return Model is not null ? EdgeError.Invalid("Name the model in the path, not in the query.", "model")
                : new EdgeError(ErrorKind.UnsupportedMediaType, "The request body must be application/json or multipart/form-data.");
        }

        Model = model;
        return null;
    }

    /// <summary>The model reads more than the caller has written. To be told before anything is reserved.</summary>
    /// <param name="bytes">Of text, as UTF-8.</param>
    public void AddInput(int bytes)
    {
        ReservedTokens = IsFree ? 0 : ReservedTokens > long.MaxValue - bytes ? long.MaxValue : ReservedTokens + RequestScan.TokensOf(bytes);
        MostInputTokens = Math.Min(LargestWindow, MostInputTokens + bytes);
    }

    /// <summary>To be made ready for a model that the caller has not written. False: there is no place for one.</summary>
    protected abstract bool TryTakeModel();

    /// <summary>Makes what one attempt at a provider sends. What the caller sent stays as it is, so that the next attempt can make its own.</summary>
    /// <param name="request">Gets what of it does not go with the body that is returned.</param>
    /// <param name="model">The model to send in place of the one the caller wrote; null: as it stands.</param>
    /// <param name="usage"><see cref="UsageOption.Asked"/> only where <see cref="CanAskForUsage"/>.</param>
    /// <returns>The body to send in place of the one YARP would copy from the request; null: that one.</returns>
    public abstract HttpContent? Prepare(HttpRequest request, string? model, UsageOption usage);

    /// <summary>What an attempt would send for another model, apart from this request: it outlives it.</summary>
    /// <param name="model">The model to send in place of the one the caller wrote.</param>
    /// <param name="most">Bytes that it may have.</param>
    /// <returns>Null: it has more, or the edge does not hold it.</returns>
    public virtual byte[]? Copy(string model, int most) => null;

    public virtual void Dispose() => GC.SuppressFinalize(this);

    private sealed class Untouched : RequestContent
    {
        public override HttpContent? Prepare(HttpRequest request, string? model, UsageOption usage) => null;

        // Without a body the path alone says what is wanted.
        protected override bool TryTakeModel() => !MayRunAnyModel;
    }
}
