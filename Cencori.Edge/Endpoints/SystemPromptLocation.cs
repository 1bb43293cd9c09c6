namespace Cencori.Edge.Endpoints;

/// <summary>Where a request tells the model how to behave.</summary>
public enum SystemPromptLocation
{
    /// <summary>Nowhere: the operation has no conversation, or nobody here knows.</summary>
    None,

    /// <summary>In messages of the roles <c>system</c> and <c>developer</c>.</summary>
    Messages,

    /// <summary>In <c>instructions</c>, and in items of <c>input</c> with those roles.</summary>
    Instructions,

    /// <summary>In <c>system</c>, as Anthropic has it.</summary>
    Field,
}
