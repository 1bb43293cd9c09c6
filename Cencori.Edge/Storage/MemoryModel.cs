using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Storage;

/// <summary>Defines the tables of memory. Every primary key includes project, environment and namespace, so no query can find a row without them.</summary>
/// <remarks>
/// The tables have no foreign keys to projects and agents: a cascade would delete all rows in one transaction and block all other writers. A background
/// service deletes the rows in batches.
/// </remarks>
internal static class MemoryModel
{
    public static void Configure(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<MemoryNamespaceRecord>(space =>
        {
            space.ToTable("memory_namespaces").HasKey(row => new { row.ProjectId, row.Environment, row.Id });
            space.HasIndex(row => new { row.ProjectId, row.Environment, row.Name }).IsUnique();
        });

        modelBuilder.Entity<MemoryRecord>(memory =>
        {
            memory.ToTable("memories").HasKey(row => new { row.ProjectId, row.Environment, row.Id });
            memory.HasIndex(row => new { row.ProjectId, row.Environment, row.NamespaceId, row.Id });
            memory.HasIndex(row => new { row.ProjectId, row.Environment, row.NamespaceId, row.Revision, row.Number });
            memory.HasIndex(row => row.Number).IsUnique();
            memory.HasIndex(row => row.ExpiresAt);
            memory.HasOne<MemoryNamespaceRecord>().WithMany().HasForeignKey(row => new { row.ProjectId, row.Environment, row.NamespaceId }).OnDelete(DeleteBehavior.Cascade);
        });

        modelBuilder.Entity<MemoryVectorRecord>(vector =>
        {
            vector.ToTable("memory_vectors").HasKey(row => new { row.ProjectId, row.Environment, row.NamespaceId, row.Generation, row.MemoryId });
            vector.HasOne<MemoryRecord>().WithMany().HasForeignKey(row => new { row.ProjectId, row.Environment, row.MemoryId }).OnDelete(DeleteBehavior.Cascade);
        });
    }
}
