using Cencori.Edge.Bodies;
using Cencori.Edge.Budgets;
using Cencori.Edge.Dialects;
using Cencori.Edge.Endpoints;
using Cencori.Edge.Errors;
using Cencori.Edge.Keys;
using Cencori.Edge.Policies;
using Cencori.Edge.Projects;
using Cencori.Edge.Providers.Forwarding;
using Cencori.Edge.Providers.Forwarding.ResponseBodies;
using Cencori.Edge.RateLimiting;
using Cencori.Edge.Records.Payloads;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Requests;
using Cencori.Edge.Telemetry;

namespace Cencori.Edge.Exchanges;

/// <summary>
/// One request of a caller and its outcome. <see cref="ExchangeMiddleware"/> begins and ends the exchange; other
/// parts of the pipeline only add data.
/// </summary>
/// <remarks>Not thread-safe. Like the request, only one thread at a time uses it.</remarks>
public sealed partial class Exchange : IErrorFeature, ICallerFeature, IRateLimitFeature, IAttemptOwner
{
    // Nearly all exchanges have one attempt.
    private readonly List<Attempt> _attempts = new(1);
    private readonly EndpointPath _endpointPath;
    private bool _isSettled;
    private Bill? _paid;

    public Exchange(HttpContext context, TimeProvider time)
    {
        Context = context;
        Path = context.Request.Path;
        Clock = new RequestClock(time);
        IsConnect = HttpMethods.IsConnect(context.Request.Method) && Upgrades.Of(context) == Upgrade.WebSocket;
        _endpointPath = EndpointPath.Of(Path);
        Endpoint = EndpointTable.Find(IsConnect ? HttpMethods.Get : context.Request.Method, Path, _endpointPath);
        var features = context.Features;
        features.Set(this);
        features.Set<IErrorFeature>(this);
        features.Set<ICallerFeature>(this);
        features.Set<IRateLimitFeature>(this);
    }

    public HttpContext Context { get; }

    public RequestClock Clock { get; }

    public EdgeEndpoint Endpoint { get; }

    /// <summary>The path of the caller's request. It stays the same while <see cref="AliasPaths"/> replaces the path of <see cref="Context"/>.</summary>
    public PathString Path { get; }

    /// <summary>
    /// The path that the edge appends to the base URL of a provider, such as <c>/chat/completions</c>. It is the part of <see cref="Path"/> after <c>/v1</c>.
    /// For alias paths (see <see cref="IsAlias"/>), it is this part of the corresponding <c>/v1</c> path. Empty for other paths, such as <c>/api/projects</c>.
    /// </summary>
    public PathString Rest => Endpoint.ProviderPath ?? _endpointPath.Rest;

    /// <summary>
    /// The request came to <c>/api/v1</c>, to a native endpoint (<c>/api/ai/…</c>), or in Azure's form. <c>/v1</c> has the same endpoint under another
    /// path.
    /// </summary>
    public bool IsAlias => _endpointPath.IsAlias || Endpoint.ProviderPath is not null;

    /// <summary>The path has the form of Azure's clients.</summary>
    public bool IsAzure => _endpointPath.IsAzure;

    /// <summary>The model named in the path; null: none.</summary>
    public string? Deployment => _endpointPath.Deployment;

    /// <summary>The request is a WebSocket over HTTP/2, whose <c>CONNECT</c> corresponds to <c>GET</c>.</summary>
    public bool IsConnect { get; }

    public Caller? Caller { get; set; }

    public ApiKey? InvalidKey { get; set; }

    /// <summary>The agent that the request runs as; null: none.</summary>
    public Agent? Agent { get; set; }

    /// <summary>The prompt that replaces the request's system messages; null: none.</summary>
    public ActivePrompt? Prompt { get; set; }

    public EdgeError? Refusal { get; set; }

    /// <summary>The request body as read. Null: the body is not read yet, or the request was rejected before that.</summary>
    public RequestContent? Content { get; set; }

    /// <summary>The reservation in the project's limits. Null: none.</summary>
    public RateLimitReservation? Reservation { get; set; }

    /// <summary>The reservation in a credential's limits for the next attempt. Null: none.</summary>
    public RateLimitReservation? NextQuota { get; set; }

    /// <summary>The reservation in the budgets. Null: none.</summary>
    public BudgetReservation? Budget { get; set; }

    /// <summary>The copy of request and response to store. Null: the project does not store payloads.</summary>
    public PayloadCopy? Payload { get; set; }

    /// <summary>The attempts in the order in which they were made; empty if no provider was chosen.</summary>
    public IReadOnlyList<Attempt> Attempts => _attempts;

    /// <summary>The attempt whose response the caller gets; null if there is none.</summary>
    public Attempt? Last => _attempts.Count == 0 ? null : _attempts[^1];

    /// <summary>The project's route that the request follows; null: none.</summary>
    public string? Route { get; set; }

    /// <summary>Why the caller gets the response of another target than the first one; a word of a fixed list. Null: the first target responded.</summary>
    public string? Fallback { get; set; }

    /// <summary>
    /// True: the request goes to the target that caches its prompt. False: its conversation is in the control group (1 of 20 conversations), whose targets are
    /// chosen without regard to caches. Null: prompt caching plays no role.
    /// </summary>
    public bool? KeepsPrompt { get; set; }

    /// <summary>The findings of the project's policies. Null: no policy was applied.</summary>
    public PolicyFindings? Policy { get; set; }

    /// <summary>The placeholders that replaced text of the request. The response gets the original text back. Null: none.</summary>
    public TokenTable? Tokens { get; set; }

    /// <summary>
    /// Runs the output guardrails that only monitor, when the response is complete, and adds their findings to <see cref="Policy"/>. With the argument false,
    /// the function only notes that these guardrails did not run. The function must not use the HTTP request, which is over. Null: no such guardrails.
    /// </summary>
    public Func<bool, Task>? Afterwards { get; set; }

    /// <summary>Notified when the exchange is over. Null: none.</summary>
    public IExchangeFollower? Follower { get; private set; }

    /// <summary>Number of memory entries that were recalled for the request. Null: no memory was searched.</summary>
    public int? Recalled { get; set; }

    /// <summary>The recalled memory entries that the response must report. Null: none.</summary>
    public ResponseSources? Sources { get; set; }

    /// <summary>Reads the response as the caller gets it. Null: none.</summary>
    public IResponseHolder? Listener { get; set; }

    /// <summary>The bill. It is set at settlement. Before that, it is the default value: unknown usage and cost.</summary>
    internal Bill Bill { get; private set; }

    /// <summary>The bill as a native endpoint (<c>/api/ai/…</c>) reports it. Before settlement: no usage, and an unknown cost.</summary>
    internal NativeBill NativeBill => new(Bill.Usage, Bill is { IsMetered: true, IsOpen: false } ? Bill.CostUsd : null, Last?.Meter is not { } meter || meter.ReportsUsage, _isSettled);

    /// <summary>Creates the object that rewrites a provider's response for a native endpoint.</summary>
    internal NativeResponse NativeResponseOf(string provider, string? model, long choices) => new(Endpoint.Native, provider, model, choices, () => NativeBill) { Sources = Sources };

    /// <summary>If the response shows the end of earlier background work: the id of the key that began that work and pays. Null: the request's key pays.</summary>
    internal string? PayingKeyId { get; private set; }

    /// <summary>The model of the work that <see cref="PayingKeyId"/> pays for. Null: the model is unknown, or the attempt's own model is billed.</summary>
    internal string? PaidModel { get; private set; }

    /// <summary>The state of background work that continues after the response.</summary>
    internal WorkState Work { get; set; }

    /// <summary>The stored record of the background work. Null: none.</summary>
    internal OwnedObjectRecord? Owned { get; set; }

    /// <summary>
    /// Set if the provider may have stored an object and the edge has not recorded that yet. True: without a record, a later request that names no provider
    /// would go to another provider or credential than this request. False: it would go to the same ones. Null: there is nothing to record.
    /// </summary>
    internal bool? IsStoredElsewhere { get; set; }

    internal bool IsSettled => _isSettled;

    /// <summary>The request's record; null before it is made.</summary>
    internal RequestRecord? Record { get; set; }

    /// <summary>The arrival time, as the record has it.</summary>
    internal DateTimeOffset ArrivedAt => Clock.Time.GetUtcNow() - Clock.Time.GetElapsedTime(Clock.ArrivedAt);

    /// <summary>True: the response reported an object or background work that is not recorded yet, or the attempt has ended and waits for settlement.</summary>
    internal bool HasPendingWorkChanges => !_isSettled && Last is { Meter: { } meter } attempt
        && (attempt.End != AttemptEnd.None
            || (Work == WorkState.None && attempt.ReportsWork)
            || (CanNoteStored(attempt) && !attempt.BeginsBackgroundWork)
            || (Work == WorkState.Open && meter is { IsWorkOver: true, ReportsUsage: true }));

    ErrorDialect IErrorFeature.Dialect => Endpoint.Errors;

    bool IErrorFeature.IsBelowBaseUrl => Endpoint.IsBelowBaseUrl;

    bool IErrorFeature.IsOfAdministration => Endpoint.Operation is Operation.Administration or Operation.Dashboard;

    /// <exception cref="InvalidOperationException">The request did not pass <see cref="ExchangeMiddleware"/>.</exception>
    public static Exchange Of(HttpContext context) =>
        context.Features.Get<Exchange>() ?? throw new InvalidOperationException("The request has no exchange, because it did not pass ExchangeMiddleware.");

    /// <summary>Adds a follower, in addition to an earlier one.</summary>
    public void Follow(IExchangeFollower follower) => Follower = Follower is { } first ? new CompositeFollower(first, follower) : follower;

    public void Add(Attempt attempt)
    {
        Last?.IsRepeated = true;
        _attempts.Add(attempt);
        NextQuota = null;
    }

    void IAttemptOwner.Complete(Attempt attempt)
    {
        // Settles now, unless the response reported background work or a stored object that must be recorded first. Then BackgroundWork records it and settles,
        // before the caller receives the end of the response.
        CloseMeters();
        if (attempt.Follower is null || !NeedsRecording(attempt))
        {
            Settle();
        }
    }

    /// <summary>Settles all reservations: no attempt will deliver more bytes. A second call does nothing.</summary>
    internal void End() => Settle();

    /// <summary>Sets the bill of background work that an earlier request began and whose end this response shows.</summary>
    internal void Pay(Bill bill, string keyId, string? model) => (_paid, PayingKeyId, PaidModel) = (bill, keyId, model);

    /// <summary>True: the response reported the id of an object that the provider may have stored, and the edge has not recorded it yet.</summary>
    internal bool CanNoteStored(Attempt attempt) => IsStoredElsewhere is not null && attempt.Meter is { WorkId: not null };

    private bool NeedsRecording(Attempt attempt) => CanNoteStored(attempt) || (attempt.IsStatusRead ? Work == WorkState.None && attempt.ReportsWork : Work != WorkState.None || attempt.ReportsWork);

    /// <summary>The time that the edge itself has used so far, in clock ticks: without the waits for attempts, for a free target, for guardrails, for memory, and for the caller's body.</summary>
    internal long OwnTicks(long now)
    {
        var own = now - Clock.ArrivedAt - Clock.WaitedForCaller - Clock.WaitedForTargets - Clock.WaitedForGuardrails - Clock.WaitedForMemory;
        foreach (var attempt in _attempts)
        {
            own -= attempt.WaitedForHead(now);
        }

        return own;
    }
}
