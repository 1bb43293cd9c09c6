using Cencori.Edge.Storage;

namespace Cencori.Edge.Records;

/// <summary>A record on its way to the database.</summary>
/// <param name="Record">What is kept.</param>
/// <param name="Sequence">Its number among the records of its writer, from 1; each is larger than the one before.</param>
/// <param name="HasRow">False: it only counts in the roll-ups.</param>
public readonly record struct PendingRecord(RequestRecord Record, long Sequence, bool HasRow);
