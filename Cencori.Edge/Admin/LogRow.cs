using Cencori.Edge.Storage;

namespace Cencori.Edge.Admin;

/// <summary>A stored record and its number in the database.</summary>
internal sealed record LogRow(RequestRecord Record, long Id);
