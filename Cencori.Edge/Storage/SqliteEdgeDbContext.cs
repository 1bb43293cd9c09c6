using Cencori.Edge.Storage.Requests;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace Cencori.Edge.Storage;

/// <summary>The context for SQLite, the default: one file in the data directory. Its migrations are in <c>Migrations/Sqlite</c>.</summary>
public sealed class SqliteEdgeDbContext(DbContextOptions<SqliteEdgeDbContext> options) : EdgeDbContext(options)
{
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);

        // SQLite assigns the row number itself. EF's AUTOINCREMENT would make SQLite store the last number with every insert.
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
