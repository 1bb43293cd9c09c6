namespace Cencori.Edge.Admin.Description;

/// <summary>An endpoint as it is described.</summary>
/// <param name="Method">In capitals.</param>
/// <param name="Path">With its parameters in braces.</param>
/// <param name="Summary">One line.</param>
internal sealed record Described(string Method, string Path, string Summary)
{
    /// <summary>Of the response; 204 has none.</summary>
    public int Status { get; init; } = StatusCodes.Status200OK;

    /// <summary>Null: it takes none.</summary>
    public Shape? Body { get; init; }

    /// <summary>It may be left out.</summary>
    public bool IsBodyOptional { get; init; }

    /// <summary>Null: it has none.</summary>
    public Shape? Response { get; init; }

    /// <summary>Other types that the response may have, and the body where <see cref="TakesOthers"/>.</summary>
    public string[] OtherTypes { get; init; } = [];

    public bool TakesOthers { get; init; }

    /// <summary>It takes no key.</summary>
    public bool IsOpen { get; init; }

    public string[] Query { get; init; } = [];

    /// <summary>The response has an ETag.</summary>
    public bool IsTagged { get; init; }

    /// <summary>A change may name the state that it expects.</summary>
    public bool IsExpected { get; init; }
}
