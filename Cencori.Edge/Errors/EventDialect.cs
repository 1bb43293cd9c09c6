namespace Cencori.Edge.Errors;

/// <summary>How an event stream reports an error after it has begun.</summary>
public enum EventDialect
{
    /// <summary>Like <see cref="Chunks"/>, for a stream of unknown format.</summary>
    Unknown,

    /// <summary>Chunks of OpenAI's completions: an unnamed event, <c>{"error":{…},"choices":null}</c>.</summary>
    Chunks,

    /// <summary>OpenAI's typed events, mainly of the Responses API: <c>event: error</c> with <c>{"type":"error","code":…,"message":…}</c>.</summary>
    Typed,

    /// <summary>Anthropic's messages: <c>event: error</c> with <c>{"type":"error","error":{…}}</c>.</summary>
    Messages,

    /// <summary>The native endpoint': an unnamed event, <c>{"error":"…","finish_reason":"error"}</c>.</summary>
    Native,
}
