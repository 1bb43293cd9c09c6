using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using Cencori.Edge.Bodies;
using Cencori.Edge.Endpoints;
using Cencori.Edge.Errors;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Exchanges.InProcess;
using Cencori.Edge.Models;
using Cencori.Edge.Projects;
using Cencori.Edge.Providers.Catalog;
using Cencori.Edge.Routing.Attempts;
using Cencori.Edge.Routing.Health;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Requests;
using Cencori.Edge.Telemetry;

namespace Cencori.Edge.Routing;

/// <summary>
/// Sends copies of a route's requests to another (shadow) model, after the callers have their responses, to test that model. The edge records the shadow
/// responses, and no caller receives them. A copy is sent by <see cref="InProcessClient"/>, with one credential. Its failures do not count for any target.
/// </summary>
public sealed partial class ShadowTraffic : IDisposable
{
    /// <summary>Maximum number of copies at a time: of running requests, in the queue, and in progress. Further copies are dropped.</summary>
    public const int MaxHeld = 64;

    /// <summary>Maximum number of shadow requests to providers at a time.</summary>
    public const int MaxInFlight = 8;

    /// <summary>Maximum number of copies of one project at a time.</summary>
    public const int MaxHeldOfProject = MaxHeld / 2;

    /// <summary>Maximum number of shadow requests of one project at a time, so that a project whose provider hangs does not block the others.</summary>
    public const int MaxOfProject = MaxInFlight / 2;

    /// <summary>Largest request body that gets a shadow, in bytes.</summary>
    public const int MaxBytes = 256 * 1024;

    public const string ShadowsName = "cencori.edge.shadows";

    /// <summary>The value of <c>app</c> in records of shadow requests.</summary>
    public const string App = "shadow";

    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(2);

    private readonly SemaphoreSlim _slots = new(MaxInFlight);

    // One entry per project with shadows. Administrators create projects, so the number of entries is bounded.
    private readonly ConcurrentDictionary<string, ProjectShare> _shares = new(StringComparer.Ordinal);
    private readonly InProcessClient _client;
    private readonly ProviderCatalog _catalog;
    private readonly TargetTable _table;
    private readonly IHostApplicationLifetime _lifetime;
    private readonly TimeProvider _time;
    private readonly ILogger<ShadowTraffic> _logger;
    private readonly ThrottledWarning _fault;
    private readonly Counter<long> _counter;
    private int _held;

    public ShadowTraffic(InProcessClient client, ProviderCatalog catalog, TargetTable table, IHostApplicationLifetime lifetime, IMeterFactory meters, TimeProvider time, ILogger<ShadowTraffic> logger)
    {
        (_client, _catalog, _table, _lifetime, _time, _logger, _fault) = (client, catalog, table, lifetime, time, logger, new(time));
        _counter = meters.Create(EdgeTelemetry.MeterName).CreateCounter<long>(ShadowsName, "{request}", "Requests that were selected to be copied to a shadow model, by result.");
    }

    public void Dispose()
    {
        _slots.Dispose();
        foreach (var share in _shares.Values)
        {
            share.Slots.Dispose();
        }
    }

    /// <summary>Decides whether a request gets a shadow, and copies its body now: the body buffer may be gone when the request ends.</summary>
    internal void Watch(Exchange exchange, RequestContent content, ModelRoute route)
    {
        if (route.Shadow is not { } shadow || Random.Shared.NextDouble() >= (double)shadow.Share || !MayBeShadowed(exchange, content))
        {
            return;
        }

        var share = _shares.GetOrAdd(exchange.Caller!.Project.Id, static _ => new());
        var isTooMany = Interlocked.Increment(ref _held) > MaxHeld | Interlocked.Increment(ref share.Held) > MaxHeldOfProject;
        if (isTooMany || content.Copy($"{shadow.Target.Provider}/{shadow.Target.Model}", MaxBytes) is not { } body)
        {
            Drop(exchange.Caller.Project.Id, route.Name, isTooMany ? "dropped" : "too_large");
            return;
        }

        exchange.Follow(new ShadowCopy(this, exchange.Caller.Project.Id, exchange.Caller.Key.Environment, route.Name, shadow, $"/v1{exchange.Rest}", exchange.Endpoint.Name, exchange.Context.TraceIdentifier, body));
    }

    /// <summary>Drops a copy, because the caller got no successful response.</summary>
    /// <param name="projectId">The project of the copy.</param>
    internal void ReleaseCopy(string projectId)
    {
        Interlocked.Decrement(ref _held);
        Interlocked.Decrement(ref _shares[projectId].Held);
    }

    /// <summary>Sends a copy after the caller has its response. Does not use the original request, which is over.</summary>
    internal static void Send(ShadowCopy copy) => ThreadPool.UnsafeQueueUserWorkItem(static state => _ = state.Traffic.SendAsync(state), copy, preferLocal: false);

    // No copy of requests with tools, because tool calls may act; about stored objects, because the copy would be stored, too; or for embeddings, which cannot be compared between models.
    private static bool MayBeShadowed(Exchange exchange, RequestContent content) =>
        exchange.Endpoint.Operation is Operation.Chat or Operation.Completions && (content.RequiredAbilities & ModelAbilities.Tools) == 0 && exchange.Agent is null && content.StoredIds.Count == 0;

    private async Task SendAsync(ShadowCopy copy)
    {
        var result = "dropped";
        try
        {
            var own = _shares[copy.ProjectId].Slots;
            await own.WaitAsync(_lifetime.ApplicationStopping);
            try
            {
                await _slots.WaitAsync(_lifetime.ApplicationStopping);
                try
                {
                    result = await AskAsync(copy);
                }
                finally
                {
                    _slots.Release();
                }
            }
            finally
            {
                own.Release();
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
        {
            // The edge stops.
        }
        catch (Exception exception)
        {
            result = "failed";
            if (_fault.IsDue())
            {
                Log.Failed(_logger, exception, copy.Route, copy.ProjectId);
            }
        }

        Drop(copy.ProjectId, copy.Route, result);
    }

    private async Task<string> AskAsync(ShadowCopy copy)
    {
        using var deadline = new CancellationTokenSource(Timeout, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, _lifetime.ApplicationStopping);
        var exchange = await _client.SendAsync(
            new InProcessRequest
            {
                ProjectId = copy.ProjectId,
                Environment = copy.Environment,
                KeyId = ShadowIds.KeyOf(copy.Route),
                ShadowOf = copy.Route,
                App = App,
                Path = copy.Path,
                Json = copy.Body,
                // Where the project limits the credential, requests of callers go before shadow requests.
                Headers = new Dictionary<string, string> { [RequestId.HeaderName] = ShadowIds.Of(copy.RequestId), [WaitPriorities.Header] = "low" },
                ChangeProject = project => RestrictProject(copy, project),
            },
            Stream.Null,
            linked.Token);
        return exchange switch
        {
            null => "left_alone",
            { Last: null } => "refused",
            { Last: { HasEnded: true, Status: < 400 } } => "answered",
            _ => "failed",
        };
    }

    // Leaves only one credential in the snapshot of the project, so that there is no failover and no effect on cool-downs. Shadow requests have their
    // own budget beside the project's.
    private ProjectSnapshot? RestrictProject(ShadowCopy copy, ProjectSnapshot project)
    {
        ImmutableArray<ProviderCredential> credentials = [];
        if (copy.Shadow.Target.Provider != ProviderDefinition.SandboxId)
        {
            credentials = [.. project.CredentialsOf(copy.Shadow.Target.Provider, copy.Environment).Where(credential => CanSend(copy, credential)).OrderByDescending(static credential => credential.Weight > 0).Take(1)];
            if (credentials.IsEmpty || _catalog.Find(copy.Shadow.Target.Provider) is null)
            {
                return null;
            }
        }

        var budget = new Budget(new BudgetRecord { ProjectId = project.Id, KeyId = ShadowIds.KeyOf(copy.Route), MonthlyUsd = copy.Shadow.MonthlyUsd, IsEnforced = true, SetAt = DateTimeOffset.UnixEpoch }, webhookSecret: null);
        return project with
        {
            Credentials = credentials,
            Routes = FrozenDictionary<string, ModelRoute>.Empty,
            ModelAliases = FrozenDictionary<string, string>.Empty,
            Budgets = project.Budgets.Append(new(ShadowIds.KeyOf(copy.Route), budget)).ToFrozenDictionary(StringComparer.Ordinal),
        };
    }

    private bool CanSend(ShadowCopy copy, ProviderCredential credential)
    {
        var model = copy.Shadow.Target.Model;
        return credential.Secret is not null && credential.Models?.Allows(credential.Provider, model) != false
            && !IsCooling(Target.Of(credential, null)) && !IsCooling(Target.Of(credential, model)) && !IsCooling(Target.Of(credential, model, copy.Endpoint));
    }

    private bool IsCooling(in Target target) => _table.Cooling.WaitFor(target).Wait > TimeSpan.Zero;

    private void Drop(string projectId, string route, string result)
    {
        ReleaseCopy(projectId);
        _counter.Add(1, new("route", route), new("result", result));
    }

    private sealed class ProjectShare
    {
        public int Held;

        public SemaphoreSlim Slots { get; } = new(MaxOfProject);
    }

    private static partial class Log
    {
        [LoggerMessage(262, LogLevel.Error, "A shadow copy of a request to the route {Route} in project {ProjectId} could not be sent. Logged at most once a minute.", EventName = "ShadowFailed")]
        public static partial void Failed(ILogger logger, Exception exception, string route, string projectId);
    }
}
