using Cencori.Edge.Storage;

namespace Cencori.Edge.Records;

/// <summary>A record on its way to the database.</summary>
/// <param name="Record">The record.</param>
/// <param name="Sequence">Its number among the records of its writer, ascending from 1.</param>
/// <param name="HasRow">False: it only counts in the roll-ups.</param>
public readonly record struct PendingRecord(RequestRecord Record, long Sequence, bool HasRow);
