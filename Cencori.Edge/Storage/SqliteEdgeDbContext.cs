using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace Cencori.Edge.Storage;

/// <summary>The embedded default: one file in the data directory. Its migrations are below <c>Migrations/Sqlite</c>.</summary>
public sealed class SqliteEdgeDbContext(DbContextOptions<SqliteEdgeDbContext> options) : EdgeDbContext(options)
{
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);

        // SQLite assigns the number itself. With EF's AUTOINCREMENT, it would also store the last number with every insert.
        modelBuilder.SharedTypeEntity<Dictionary<string, object>>(UsageModel.Records).Property<long>(RecordColumns.Id).ValueGeneratedNever();
        modelBuilder.Entity<RecordTextRecord>().Property(row => row.Id).ValueGeneratedNever();
    }

    /// <summary>Lets <c>dotnet ef migrations add</c> work without starting the edge.</summary>
    public sealed class DesignTimeFactory : IDesignTimeDbContextFactory<SqliteEdgeDbContext>
    {
        public SqliteEdgeDbContext CreateDbContext(string[] args) =>
            new(new DbContextOptionsBuilder<SqliteEdgeDbContext>().UseSqlite("Data Source=:memory:").Options);
    }
}
