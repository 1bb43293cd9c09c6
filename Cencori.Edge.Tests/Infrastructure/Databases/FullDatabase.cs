using System.Data;
using System.Data.Common;
using Cencori.Edge.Storage;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Tests.Infrastructure.Databases;

/// <summary>An edge's SQLite database that a test can make full: then every write that would enlarge the file fails.</summary>
public sealed class FullDatabase
{
    private const int Unlimited = 1_073_741_823;

    private volatile bool _isFull;

    public bool IsFull { get => _isFull; set => _isFull = value; }

    /// <summary>Limits the database of an edge: pass this method as <c>configure</c> when you start a <see cref="RunningEdge"/>.</summary>
    public void Watch(WebApplicationBuilder builder) => builder.Services.AddSingleton<IDbContextFactory<EdgeDbContext>>(
        provider => new Factory(provider.GetRequiredService<IDbContextFactory<SqliteEdgeDbContext>>(), this));

    // The limit belongs to the connection, which is pooled, so it is set at each open. SQLite raises a limit below the current size to that size.
    private void Bound(object sender, StateChangeEventArgs change)
    {
        if (change.CurrentState == ConnectionState.Open)
        {
            using var command = ((DbConnection)sender).CreateCommand();
#pragma warning disable CA2100 // The SQL contains only an integer.
            command.CommandText = $"PRAGMA max_page_count = {(IsFull ? 1 : Unlimited)}";
#pragma warning restore CA2100
            command.ExecuteScalar();
        }
    }

    private sealed class Factory(IDbContextFactory<SqliteEdgeDbContext> inner, FullDatabase owner) : IDbContextFactory<EdgeDbContext>
    {
        public EdgeDbContext CreateDbContext()
        {
            var context = inner.CreateDbContext();
            context.Database.GetDbConnection().StateChange += owner.Bound;
            return context;
        }
    }
}
