namespace Cencori.Edge.Memory;

/// <summary>The result of storing entries.</summary>
internal sealed record AddMemoriesResult
{
    public AddOutcome Outcome { get; init; } = AddOutcome.Added;

    /// <summary>The stored entries, in the order in which they were given.</summary>
    public IReadOnlyList<StoredMemory> Memories { get; init; } = [];

    /// <summary>The first given id that another entry already has. Null: no conflict.</summary>
    public string? ConflictingId { get; init; }
}

/// <summary>Whether the entries were stored, or why none was.</summary>
internal enum AddOutcome
{
    Added,
    NoNamespace,
    Conflict,
    Full,
}
