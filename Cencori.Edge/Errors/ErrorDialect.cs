namespace Cencori.Edge.Errors;

/// <summary>How an error's body is written.</summary>
public enum ErrorDialect
{
    /// <summary>OpenAI's: <c>{"error":{"message":…}}</c>.</summary>
    OpenAI,

    /// <summary>Cencori's own: <c>{"error":…,"message":…,"code":…}</c>.</summary>
    Flat,

    /// <summary>Anthropic's: <c>{"type":"error","error":{"type":…,"message":…},"request_id":…}</c>.</summary>
    Anthropic,
}
