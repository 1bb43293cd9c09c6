namespace Cencori.Edge.Metering;

/// <summary>The object or array in a response that contains a value. An array has the same location as the objects in it.</summary>
internal enum JsonLocation : byte
{
    /// <summary>A container whose content the meter ignores, at any depth.</summary>
    Elsewhere,

    /// <summary>The response itself, or the data of one event.</summary>
    Root,

    /// <summary>The object that wraps the response in an event of the Responses API, or in Anthropic's first event.</summary>
    Wrapped,

    Usage,
    InputDetails,
    CachedDetails,
    OutputDetails,

    /// <summary>Anthropic's <c>cache_creation</c>: input tokens written to the provider's cache, by lifetime.</summary>
    CacheCreation,

    /// <summary>The parts of the cost that a provider reports in its usage.</summary>
    Cost,

    /// <summary>Groq's own member <c>x_groq</c>.</summary>
    Groq,

    /// <summary>The member <c>data</c>: generated images, and other lists.</summary>
    Data,

    Choice,
    Message,
    Call,
    Parts,

    /// <summary>An item of a complete response of the Responses API.</summary>
    Output,

    /// <summary>An item that an event of the Responses API announces.</summary>
    Item,

    /// <summary>The member <c>delta</c> of an Anthropic event.</summary>
    Step,
}

internal static class JsonLocations
{
    /// <summary>Returns the location of an object or array that is the value of the given field.</summary>
    public static JsonLocation Below(this JsonLocation place, ResponseField field) => (place, field) switch
    {
        (JsonLocation.Root, ResponseField.Usage) => JsonLocation.Usage,
        (JsonLocation.Root, ResponseField.Data) => JsonLocation.Data,
        (JsonLocation.Root, ResponseField.Choices) => JsonLocation.Choice,
        (JsonLocation.Root, ResponseField.Response or ResponseField.Message) => JsonLocation.Wrapped,
        (JsonLocation.Root, ResponseField.Output) => JsonLocation.Output,
        (JsonLocation.Root, ResponseField.Item) => JsonLocation.Item,
        (JsonLocation.Root, ResponseField.Delta) => JsonLocation.Step,
        (JsonLocation.Root, ResponseField.Content) => JsonLocation.Parts,
        (JsonLocation.Root, ResponseField.Groq) => JsonLocation.Groq,
        (JsonLocation.Wrapped or JsonLocation.Choice or JsonLocation.Groq, ResponseField.Usage) => JsonLocation.Usage,
        (JsonLocation.Usage, ResponseField.InputDetails) => JsonLocation.InputDetails,
        (JsonLocation.Usage, ResponseField.OutputDetails) => JsonLocation.OutputDetails,
        (JsonLocation.Usage, ResponseField.CacheCreation) => JsonLocation.CacheCreation,
        (JsonLocation.Usage, ResponseField.Cost or ResponseField.CostDetails) => JsonLocation.Cost,
        (JsonLocation.InputDetails, ResponseField.CachedDetails) => JsonLocation.CachedDetails,
        (JsonLocation.Choice, ResponseField.Delta or ResponseField.Message) => JsonLocation.Message,
        (JsonLocation.Message, ResponseField.ToolCalls or ResponseField.FunctionCall) => JsonLocation.Call,
        (JsonLocation.Message or JsonLocation.Output, ResponseField.Content or ResponseField.Summary) => JsonLocation.Parts,
        (JsonLocation.Call, ResponseField.Function or ResponseField.Custom) => JsonLocation.Call,
        (JsonLocation.Parts, ResponseField.Thinking) => JsonLocation.Parts,
        _ => JsonLocation.Elsewhere,
    };

    /// <summary>True when a string in this field is output of the model.</summary>
    public static bool IsOutput(this JsonLocation place, ResponseField field) => (place, field) switch
    {
        (JsonLocation.Message, ResponseField.Content or ResponseField.Refusal or ResponseField.Reasoning or ResponseField.ReasoningContent) => true,
        (JsonLocation.Choice, ResponseField.Text) => true,
        (JsonLocation.Call or JsonLocation.Output, ResponseField.Name or ResponseField.Arguments or ResponseField.Input) => true,
        (JsonLocation.Parts, ResponseField.Text or ResponseField.Refusal or ResponseField.Thinking) => true,
        (JsonLocation.Root, ResponseField.Delta) => true,
        (JsonLocation.Item, ResponseField.Name) => true,
        (JsonLocation.Step, ResponseField.Text or ResponseField.Thinking or ResponseField.PartialJson) => true,
        _ => false,
    };

    /// <summary>True when a string in this field is a generated image.</summary>
    public static bool IsImage(this JsonLocation place, ResponseField field) => place == JsonLocation.Data && field is ResponseField.Url or ResponseField.Base64;

    /// <summary>True when a number in this field counts tokens or seconds.</summary>
    public static bool IsUsage(this JsonLocation place, ResponseField field) => place switch
    {
        JsonLocation.Usage => field is ResponseField.Seconds or ResponseField.AudioSeconds or ResponseField.PromptTokens or ResponseField.InputTokens or ResponseField.CompletionTokens or ResponseField.OutputTokens
            or ResponseField.TotalTokens or ResponseField.CachedTokens or ResponseField.CacheRead or ResponseField.CacheWritten or ResponseField.CacheWrittenInside,
        JsonLocation.InputDetails => field is ResponseField.CachedTokens or ResponseField.CacheWrittenInside or ResponseField.AudioTokens or ResponseField.ImageTokens,
        JsonLocation.CachedDetails or JsonLocation.OutputDetails => field is ResponseField.AudioTokens or ResponseField.ImageTokens,
        JsonLocation.CacheCreation => field is ResponseField.FiveMinutesWritten or ResponseField.HourWritten,
        _ => false,
    };

    /// <summary>True when a value in this field states the cost of a usage.</summary>
    public static bool IsCost(this JsonLocation place, ResponseField field) => place switch
    {
        JsonLocation.Usage => field is ResponseField.Cost or ResponseField.CostTicks or ResponseField.IsByok,
        JsonLocation.Cost => field is ResponseField.TotalCost or ResponseField.UpstreamCost,
        _ => false,
    };

    /// <summary>True when a string in this field is the service tier that the provider used.</summary>
    public static bool IsTier(this JsonLocation place, ResponseField field) =>
        field == ResponseField.ServiceTier && place is (JsonLocation.Root or JsonLocation.Wrapped or JsonLocation.Usage);
}
