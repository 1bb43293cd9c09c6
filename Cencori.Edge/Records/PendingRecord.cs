using Cencori.Edge.Storage.Requests;

namespace Cencori.Edge.Records;

/// <summary>A record that is not in the database yet.</summary>
/// <param name="Record">The record.</param>
/// <param name="Sequence">Number of the record among those of its writer (one edge process), ascending from 1.</param>
/// <param name="HasRow">False: the record gets no row of its own, and is only added to the roll-ups (sums per hour and minute).</param>
public readonly record struct PendingRecord(RequestRecord Record, long Sequence, bool HasRow);
