using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Admin.Audit;

/// <summary>Filter and output format of an audit query.</summary>
internal sealed record AuditFilter
{
    public DateTimeOffset? From { get; init; }

    public DateTimeOffset? To { get; init; }

    public string? Actor { get; init; }

    public string? Action { get; init; }

    public string? ProjectId { get; init; }

    public string? ObjectId { get; init; }

    public long? Cursor { get; init; }

    public required int Limit { get; init; }

    public required string Format { get; init; }

    /// <param name="database">The database.</param>
    /// <param name="before">Only rows with a smaller id. Null: all rows, from the newest one.</param>
    public IQueryable<AuditRecord> Of(EdgeDbContext database, long? before) => database.Audit.AsNoTracking()
        .Where(row => (before == null || row.Id < before)
            && (From == null || row.At >= From) && (To == null || row.At < To)
            && (Actor == null || row.Actor == Actor) && (Action == null || row.Action == Action) && (ProjectId == null || row.ProjectId == ProjectId) && (ObjectId == null || row.ObjectId == ObjectId))
        .OrderByDescending(row => row.Id);
}
