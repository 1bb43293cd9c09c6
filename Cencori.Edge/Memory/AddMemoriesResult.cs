namespace Cencori.Edge.Memory;

/// <summary>What became of entries that were to be stored.</summary>
internal sealed record AddMemoriesResult
{
    public AddOutcome Outcome { get; init; } = AddOutcome.Added;

    /// <summary>In order.</summary>
    public IReadOnlyList<StoredMemory> Memories { get; init; } = [];

    /// <summary>The id that another entry has.</summary>
    public string? ConflictingId { get; init; }
}

/// <summary>Why entries are stored, or none is.</summary>
internal enum AddOutcome
{
    Added,
    NoNamespace,
    Conflict,
    Full,
}
