namespace Cencori.Edge.Errors;

/// <summary>The format in which an event stream reports an error after the stream has begun.</summary>
public enum EventDialect
{
    /// <summary>The stream's format is unknown. Errors are written like <see cref="Chunks"/>.</summary>
    Unknown,

    /// <summary>Chunks of OpenAI's completions: an unnamed event, <c>{"error":{…},"choices":null}</c>.</summary>
    Chunks,

    /// <summary>OpenAI's typed events, mainly of the Responses API: <c>event: error</c> with <c>{"type":"error","code":…,"message":…}</c>.</summary>
    Typed,

    /// <summary>Anthropic's messages: <c>event: error</c> with <c>{"type":"error","error":{…}}</c>.</summary>
    Messages,

    /// <summary>The streams of native endpoints (/api/ai/…): an unnamed event, <c>{"error":"…","finish_reason":"error"}</c>.</summary>
    Native,
}
