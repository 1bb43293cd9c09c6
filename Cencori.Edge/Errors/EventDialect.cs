namespace Cencori.Edge.Errors;

/// <summary>How a stream of events tells an error after it has begun.</summary>
public enum EventDialect
{
    /// <summary>As <see cref="Chunks"/>, in a stream of which the edge knows nothing else.</summary>
    Unknown,

    /// <summary>Chunks of OpenAI's completions: an event without a name, <c>{"error":{…},"choices":null}</c>.</summary>
    Chunks,

    /// <summary>OpenAI's typed events, first of all of its responses: <c>event: error</c> with <c>{"type":"error","code":…,"message":…}</c>.</summary>
    Typed,

    /// <summary>Anthropic's messages: <c>event: error</c> with <c>{"type":"error","error":{…}}</c>.</summary>
    Messages,

    /// <summary>The native endpoints': an event without a name, <c>{"error":"…","finish_reason":"error"}</c>.</summary>
    Native,
}
