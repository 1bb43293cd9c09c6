namespace Cencori.Edge.Endpoints;

/// <summary>Where a request carries the system text.</summary>
public enum SystemPromptLocation
{
    /// <summary>Nowhere: the operation has no conversation, or the edge does not know the place.</summary>
    None,

    /// <summary>In messages of the roles <c>system</c> and <c>developer</c>.</summary>
    Messages,

    /// <summary>In <c>instructions</c>, and in items of <c>input</c> with those roles.</summary>
    Instructions,

    /// <summary>In <c>system</c>, as in Anthropic's API.</summary>
    Field,
}
