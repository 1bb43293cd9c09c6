using Cencori.Edge.Bodies;
using Cencori.Edge.Budgets;
using Cencori.Edge.Dialects;
using Cencori.Edge.Endpoints;
using Cencori.Edge.Errors;
using Cencori.Edge.Keys;
using Cencori.Edge.Policies;
using Cencori.Edge.Projects;
using Cencori.Edge.Providers.Forwarding;
using Cencori.Edge.RateLimiting;
using Cencori.Edge.Records.Payloads;
using Cencori.Edge.Storage;
using Cencori.Edge.Telemetry;

namespace Cencori.Edge.Exchanges;

/// <summary>
/// One request of a caller and everything that becomes of it. <see cref="ExchangeMiddleware"/> begins it and ends it; whoever stands
/// between the two only adds what it knows.
/// </summary>
/// <remarks>Used by one thread at a time, as the request is.</remarks>
public sealed partial class Exchange : IErrorFeature, ICallerFeature, IRateLimitFeature, IAttemptOwner
{
    // Nearly all have one.
    private readonly List<Attempt> _attempts = new(1);
    private readonly EndpointPath _where;
    private bool _isSettled;
    private Bill? _paid;

    public Exchange(HttpContext context, TimeProvider time)
    {
        Context = context;
        Path = context.Request.Path;
        Clock = new RequestClock(time);
        IsConnect = HttpMethods.IsConnect(context.Request.Method) && Upgrades.Of(context) == Upgrade.WebSocket;
        _where = EndpointPath.Of(Path);
        Endpoint = EndpointTable.Find(IsConnect ? HttpMethods.Get : context.Request.Method, Path, _where);
        var features = context.Features;
        features.Set(this);
        features.Set<IErrorFeature>(this);
        features.Set<ICallerFeature>(this);
        features.Set<IRateLimitFeature>(this);
    }

    public HttpContext Context { get; }

    public RequestClock Clock { get; }

    public EdgeEndpoint Endpoint { get; }

    /// <summary>As the caller wrote it.</summary>
    public PathString Path { get; }

    /// <summary>The path after <c>/v1</c>, as providers know it; empty elsewhere.</summary>
    public PathString Rest => Endpoint.ProviderPath ?? _where.Rest;

    /// <summary>It came to <c>/api/v1</c>, to the native endpoint, or as Azure's clients write it: <c>/v1</c> has it by another name.</summary>
    public bool IsAlias => _where.IsAlias || Endpoint.ProviderPath is not null;

    /// <summary>It came as Azure's clients write it.</summary>
    public bool IsAzure => _where.IsAzure;

    /// <summary>The model that its path names; null: it names none.</summary>
    public string? Deployment => _where.Deployment;

    /// <summary>It is a WebSocket over HTTP/2, whose <c>CONNECT</c> is <c>GET</c> by another name.</summary>
    public bool IsConnect { get; }

    public Caller? Caller { get; set; }

    public ApiKey? InvalidKey { get; set; }

    /// <summary>As whom it runs; null: as none.</summary>
    public Agent? Agent { get; set; }

    /// <summary>What stands in the place of its system messages; null: nothing.</summary>
    public ActivePrompt? Prompt { get; set; }

    public EdgeError? Refusal { get; set; }

    /// <summary>What was read of the request; null before, and where it was refused earlier.</summary>
    public RequestContent? Content { get; set; }

    /// <summary>What was taken from the project's limits.</summary>
    public RateLimitReservation? Reservation { get; set; }

    /// <summary>What was taken of a credential's limits for the attempt that is made next. Null: nothing.</summary>
    public RateLimitReservation? NextQuota { get; set; }

    /// <summary>What was set aside of the budgets.</summary>
    public BudgetReservation? Budget { get; set; }

    /// <summary>Null: the project does not keep what is said.</summary>
    public PayloadCopy? Payload { get; set; }

    /// <summary>In the order in which they were made; none where no provider was chosen.</summary>
    public IReadOnlyList<Attempt> Attempts => _attempts;

    /// <summary>The attempt that the caller hears of; null where there is none.</summary>
    public Attempt? Last => _attempts.Count == 0 ? null : _attempts[^1];

    /// <summary>The project's route that it goes by; null: none.</summary>
    public string? Route { get; set; }

    /// <summary>Why whoever was asked first is not the one that the caller hears of, from a closed list. Null: it is.</summary>
    public string? Fallback { get; set; }

    /// <summary>It goes where its beginning is cached; false: its conversation is one of those that do not, to be compared with. Null: that does not matter.</summary>
    public bool? KeepsPrompt { get; set; }

    /// <summary>What its project's policies have found. Null: they were not asked.</summary>
    public PolicyFindings? Policy { get; set; }

    /// <summary>What was replaced in it and comes back in its response. Null: nothing was.</summary>
    public TokenTable? Tokens { get; set; }

    /// <summary>Finds out what its record still needs when its caller has all of the response, off the caller's way; with false, only that there was no time for it. It uses nothing of the request. Null: there is nothing.</summary>
    public Func<bool, Task>? Afterwards { get; set; }

    /// <summary>Who does something when it is over. Null: nobody.</summary>
    public IExchangeFollower? Follower { get; private set; }

    /// <summary>How much was recalled of a memory for it. Null: none was asked.</summary>
    public int? Recalled { get; set; }

    /// <summary>What its response has to tell of that. Null: nothing.</summary>
    public ResponseSources? Sources { get; set; }

    /// <summary>Who reads along what the caller gets of its response. Null: nobody.</summary>
    public IResponseHolder? Listener { get; set; }

    /// <summary>What it came to, once it is settled.</summary>
    internal Bill Bill { get; private set; }

    /// <summary>The same as its record will have it. May still change where it is not settled.</summary>
    internal NativeBill NativeBill => new(Bill.Usage, Bill is { IsMetered: true, IsOpen: false } ? Bill.CostUsd : null, Last?.Meter is not { } meter || meter.TellsUsage, _isSettled);

    /// <summary>How the native endpoint tells the response of a provider.</summary>
    internal NativeResponse NativeResponseOf(string provider, string? model, long choices) => new(Endpoint.Native, provider, model, choices, () => NativeBill) { Sources = Sources };

    /// <summary>Who pays for it, where that is another key than the one it came with: the one that began what it shows the end of.</summary>
    internal string? PayingKeyId { get; private set; }

    /// <summary>The model that is paid for, where that is none of the attempt's.</summary>
    internal string? PaidModel { get; private set; }

    /// <summary>How the work stands that goes on behind the response.</summary>
    internal WorkState Work { get; set; }

    /// <summary>What was written down of that work.</summary>
    internal OwnedObjectRecord? Owned { get; set; }

    /// <summary>
    /// The provider may have stored the response, and nobody has noted yet that it is there: true where requests that name nothing go to another
    /// provider or with another credential, and false where they go to this one. Null: there is nothing to note.
    /// </summary>
    internal bool? IsStoredElsewhere { get; set; }

    internal bool IsSettled => _isSettled;

    /// <summary>What is kept of it; null before.</summary>
    internal RequestRecord? Record { get; set; }

    /// <summary>When the request came, as its record has it.</summary>
    internal DateTimeOffset ArrivedAt => Clock.Time.GetUtcNow() - Clock.Time.GetElapsedTime(Clock.ArrivedAt);

    /// <summary>The response has told something of work behind it that is not noted yet, or waits for that with its end.</summary>
    internal bool HasPendingWorkChanges => !_isSettled && Last is { Meter: { } meter } attempt
        && (attempt.End != AttemptEnd.None
            || (Work == WorkState.None && attempt.TellsOfWork)
            || (CanNoteStored(attempt) && !attempt.BeginsBackgroundWork)
            || (Work == WorkState.Open && meter is { IsWorkOver: true, TellsUsage: true }));

    ErrorDialect IErrorFeature.Dialect => Endpoint.Errors;

    bool IErrorFeature.IsBelowBaseUrl => Endpoint.IsBelowBaseUrl;

    bool IErrorFeature.IsOfAdministration => Endpoint.Operation is Operation.Administration or Operation.Dashboard;

    /// <exception cref="InvalidOperationException">The request did not come by <see cref="ExchangeMiddleware"/>.</exception>
    public static Exchange Of(HttpContext context) =>
        context.Features.Get<Exchange>() ?? throw new InvalidOperationException("A request is under way without an exchange.");

    /// <summary>Has somebody do something when it is over, beside whoever does already.</summary>
    public void Follow(IExchangeFollower follower) => Follower = Follower is { } first ? new CompositeFollower(first, follower) : follower;

    public void Add(Attempt attempt)
    {
        Last?.IsRepeated = true;
        _attempts.Add(attempt);
        NextQuota = null;
    }

    void IAttemptOwner.Complete(Attempt attempt)
    {
        // What it tells of other work is noted first, which takes a moment, and before the caller has the end all the same.
        CloseMeters();
        if (attempt.Follower is null || !NeedsNote(attempt))
        {
            Settle();
        }
    }

    /// <summary>No more bytes will come of any attempt: whatever was taken goes back. Once more does nothing.</summary>
    internal void End() => Settle();

    /// <summary>It shows the end of work that is paid for now.</summary>
    internal void Pay(Bill bill, string keyId, string? model) => (_paid, PayingKeyId, PaidModel) = (bill, keyId, model);

    /// <summary>The response has told the id under which it may be stored.</summary>
    internal bool CanNoteStored(Attempt attempt) => IsStoredElsewhere is not null && attempt.Meter is { WorkId: not null };

    private bool NeedsNote(Attempt attempt) => CanNoteStored(attempt) || (attempt.IsLook ? Work == WorkState.None && attempt.TellsOfWork : Work != WorkState.None || attempt.TellsOfWork);

    /// <summary>What the edge itself has taken so far: not the time in which it waited for an attempt, until somebody could be asked, or for the caller's body.</summary>
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
