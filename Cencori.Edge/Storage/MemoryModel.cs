using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Storage;

/// <summary>The tables of memory. A project, an environment and a namespace are part of every key: no row is found without them.</summary>
/// <remarks>
/// No foreign keys to projects and agents: what belongs to one that is gone is nobody's, and is taken away little by little. In one transaction
/// with it, it would keep all other writers waiting.
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
