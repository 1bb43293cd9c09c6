using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace Cencori.Edge.Storage;

/// <summary>The embedded default: one file in the data directory. Its migrations are below <c>Migrations/Sqlite</c>.</summary>
public sealed class SqliteEdgeDbContext(DbContextOptions<SqliteEdgeDbContext> options) : EdgeDbContext(options)
{
    /// <summary>Lets <c>dotnet ef migrations add</c> work without starting the edge.</summary>
    public sealed class DesignTimeFactory : IDesignTimeDbContextFactory<SqliteEdgeDbContext>
    {
        public SqliteEdgeDbContext CreateDbContext(string[] args) =>
            new(new DbContextOptionsBuilder<SqliteEdgeDbContext>().UseSqlite("Data Source=:memory:").Options);
    }
}
