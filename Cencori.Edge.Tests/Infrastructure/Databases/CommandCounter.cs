using System.Collections.Concurrent;
using System.Data.Common;
using Cencori.Edge.Storage;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Tests.Infrastructure.Databases;

/// <summary>Counts all commands to an edge's database, and can simulate an outage.</summary>
public sealed class CommandCounter : DbCommandInterceptor
{
    private int _commands;
    private volatile bool _isAway;

    public int Commands => Volatile.Read(ref _commands);

    /// <summary>While true, every command fails.</summary>
    public bool IsAway { get => _isAway; set => _isAway = value; }

    /// <summary>The SQL of all commands.</summary>
    public ConcurrentQueue<string> Texts { get; } = new();

    /// <summary>Counts the commands of an edge: pass this method as <c>configure</c> when you start a <see cref="RunningEdge"/>.</summary>
    public void Watch(WebApplicationBuilder builder) =>
        builder.Services.ConfigureDbContext<SqliteEdgeDbContext>(options => options.AddInterceptors(this));

    public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default) => new(Count(command, result));

    public override InterceptionResult<DbDataReader> ReaderExecuting(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result) => Count(command, result);

    public override ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default) => new(Count(command, result));

    public override InterceptionResult<int> NonQueryExecuting(
        DbCommand command, CommandEventData eventData, InterceptionResult<int> result) => Count(command, result);

    private T Count<T>(DbCommand command, T result)
    {
        Interlocked.Increment(ref _commands);
        Texts.Enqueue(command.CommandText);
        return IsAway ? throw new IOException("The database is away.") : result;
    }
}
