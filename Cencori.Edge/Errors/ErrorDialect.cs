namespace Cencori.Edge.Errors;

/// <summary>The format of an error body.</summary>
public enum ErrorDialect
{
    /// <summary>OpenAI's format: <c>{"error":{"message":…}}</c>.</summary>
    OpenAI,

    /// <summary>Cencori's own format: <c>{"error":…,"message":…,"code":…}</c>.</summary>
    Flat,

    /// <summary>Anthropic's format: <c>{"type":"error","error":{"type":…,"message":…},"request_id":…}</c>.</summary>
    Anthropic,
}
