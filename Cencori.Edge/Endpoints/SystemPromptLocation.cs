namespace Cencori.Edge.Endpoints;

/// <summary>Where a request body carries the system prompt.</summary>
public enum SystemPromptLocation
{
    /// <summary>Nowhere: the operation has no conversation, or the edge does not know the location.</summary>
    None,

    /// <summary>In messages of the roles <c>system</c> and <c>developer</c>.</summary>
    Messages,

    /// <summary>In the member <c>instructions</c>, and in items of <c>input</c> with the roles <c>system</c> and <c>developer</c>.</summary>
    Instructions,

    /// <summary>In the member <c>system</c>, as in Anthropic's API.</summary>
    Field,
}
