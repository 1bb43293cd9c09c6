namespace Cencori.Edge.Metering;

/// <summary>Where in an answer a value stands. An array is the same place as the objects in it.</summary>
internal enum AnswerPlace : byte
{
    /// <summary>Nothing in it matters, however deep.</summary>
    Elsewhere,

    /// <summary>The answer itself, or the data of one event.</summary>
    Root,

    /// <summary>What wraps the answer in an event of the responses API, or Anthropic's first event.</summary>
    Wrapped,

    Usage,
    InputDetails,
    CachedDetails,
    OutputDetails,

    /// <summary>What of the input went into Anthropic's caches.</summary>
    CacheCreation,

    /// <summary>What a usage is said to cost, by its parts.</summary>
    Cost,

    /// <summary>What Groq adds to an answer of its own.</summary>
    Groq,

    /// <summary>Images that were made, and other lists.</summary>
    Data,

    Choice,
    Message,
    Call,
    Parts,

    /// <summary>An item of a whole answer of the responses API.</summary>
    Output,

    /// <summary>An item that an event of the responses API announces.</summary>
    Item,

    /// <summary>The step of one of Anthropic's events.</summary>
    Step,
}

internal static class AnswerPlaces
{
    /// <summary>The place of an object or array that stands under a name.</summary>
    public static AnswerPlace Below(this AnswerPlace place, AnswerField field) => (place, field) switch
    {
        (AnswerPlace.Root, AnswerField.Usage) => AnswerPlace.Usage,
        (AnswerPlace.Root, AnswerField.Data) => AnswerPlace.Data,
        (AnswerPlace.Root, AnswerField.Choices) => AnswerPlace.Choice,
        (AnswerPlace.Root, AnswerField.Response or AnswerField.Message) => AnswerPlace.Wrapped,
        (AnswerPlace.Root, AnswerField.Output) => AnswerPlace.Output,
        (AnswerPlace.Root, AnswerField.Item) => AnswerPlace.Item,
        (AnswerPlace.Root, AnswerField.Delta) => AnswerPlace.Step,
        (AnswerPlace.Root, AnswerField.Content) => AnswerPlace.Parts,
        (AnswerPlace.Root, AnswerField.Groq) => AnswerPlace.Groq,
        (AnswerPlace.Wrapped or AnswerPlace.Choice or AnswerPlace.Groq, AnswerField.Usage) => AnswerPlace.Usage,
        (AnswerPlace.Usage, AnswerField.InputDetails) => AnswerPlace.InputDetails,
        (AnswerPlace.Usage, AnswerField.OutputDetails) => AnswerPlace.OutputDetails,
        (AnswerPlace.Usage, AnswerField.CacheCreation) => AnswerPlace.CacheCreation,
        (AnswerPlace.Usage, AnswerField.Cost or AnswerField.CostDetails) => AnswerPlace.Cost,
        (AnswerPlace.InputDetails, AnswerField.CachedDetails) => AnswerPlace.CachedDetails,
        (AnswerPlace.Choice, AnswerField.Delta or AnswerField.Message) => AnswerPlace.Message,
        (AnswerPlace.Message, AnswerField.ToolCalls or AnswerField.FunctionCall) => AnswerPlace.Call,
        (AnswerPlace.Message or AnswerPlace.Output, AnswerField.Content or AnswerField.Summary) => AnswerPlace.Parts,
        (AnswerPlace.Call, AnswerField.Function or AnswerField.Custom) => AnswerPlace.Call,
        (AnswerPlace.Parts, AnswerField.Thinking) => AnswerPlace.Parts,
        _ => AnswerPlace.Elsewhere,
    };

    /// <summary>True where a string under this name is output that the model wrote.</summary>
    public static bool IsOutput(this AnswerPlace place, AnswerField field) => (place, field) switch
    {
        (AnswerPlace.Message, AnswerField.Content or AnswerField.Refusal or AnswerField.Reasoning or AnswerField.ReasoningContent) => true,
        (AnswerPlace.Choice, AnswerField.Text) => true,
        (AnswerPlace.Call or AnswerPlace.Output, AnswerField.Name or AnswerField.Arguments or AnswerField.Input) => true,
        (AnswerPlace.Parts, AnswerField.Text or AnswerField.Refusal or AnswerField.Thinking) => true,
        (AnswerPlace.Root, AnswerField.Delta) => true,
        (AnswerPlace.Item, AnswerField.Name) => true,
        (AnswerPlace.Step, AnswerField.Text or AnswerField.Thinking or AnswerField.PartialJson) => true,
        _ => false,
    };

    /// <summary>True where a string under this name is an image that was made.</summary>
    public static bool IsImage(this AnswerPlace place, AnswerField field) => place == AnswerPlace.Data && field is AnswerField.Url or AnswerField.Base64;

    /// <summary>True where a number under this name is one of tokens, or of seconds.</summary>
    public static bool IsUsage(this AnswerPlace place, AnswerField field) => place switch
    {
        AnswerPlace.Usage => field is AnswerField.Seconds or AnswerField.PromptTokens or AnswerField.InputTokens or AnswerField.CompletionTokens or AnswerField.OutputTokens
            or AnswerField.TotalTokens or AnswerField.CachedTokens or AnswerField.CacheRead or AnswerField.CacheWritten or AnswerField.CacheWrittenInside,
        AnswerPlace.InputDetails => field is AnswerField.CachedTokens or AnswerField.CacheWrittenInside or AnswerField.AudioTokens or AnswerField.ImageTokens,
        AnswerPlace.CachedDetails or AnswerPlace.OutputDetails => field is AnswerField.AudioTokens or AnswerField.ImageTokens,
        AnswerPlace.CacheCreation => field is AnswerField.FiveMinutesWritten or AnswerField.HourWritten,
        _ => false,
    };

    /// <summary>True where a value under this name tells what a usage costs.</summary>
    public static bool IsCost(this AnswerPlace place, AnswerField field) => place switch
    {
        AnswerPlace.Usage => field is AnswerField.Cost or AnswerField.CostTicks or AnswerField.IsByok,
        AnswerPlace.Cost => field is AnswerField.TotalCost or AnswerField.UpstreamCost,
        _ => false,
    };

    /// <summary>True where a string under this name is the service tier in which the provider worked.</summary>
    public static bool IsTier(this AnswerPlace place, AnswerField field) =>
        field == AnswerField.ServiceTier && place is (AnswerPlace.Root or AnswerPlace.Wrapped or AnswerPlace.Usage);
}
