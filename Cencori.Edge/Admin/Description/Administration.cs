using Cencori.Edge.Admin.Agents;
using Cencori.Edge.Admin.AsCode;
using Cencori.Edge.Admin.Audit;
using Cencori.Edge.Admin.Keys;
using Cencori.Edge.Admin.Limits;
using Cencori.Edge.Admin.Logs;
using Cencori.Edge.Admin.People;
using Cencori.Edge.Admin.Policies;
using Cencori.Edge.Admin.Projects;
using Cencori.Edge.Admin.Prompts;
using Cencori.Edge.Admin.Providers;
using Cencori.Edge.Admin.Routes;
using Cencori.Edge.Metrics;
using Cencori.Edge.Policies;
using Cencori.Edge.Projects;
using Cencori.Edge.Routing;
using Cencori.Edge.Storage;
using Cencori.Edge.Verification;

namespace Cencori.Edge.Admin.Description;

/// <summary>Every endpoint of the administration. A test holds this list to the routes that there are.</summary>
internal static class Administration
{
    private const string Project = "/api/projects/{projectId}";
    private const string Key = $"{Project}/api-keys/{{keyId}}";
    private const string Agent = $"{Project}/agents/{{agentId}}";
    private const string Action = $"{Agent}/actions/{{actionId}}";
    private const string Credential = $"{Project}/provider-keys/{{provider}}";
    private const string Route = $"{Project}/routes/{{name}}";
    private const string Prompt = $"{Project}/prompts/{{promptId}}";

    // The address names a provider, and these which of its credentials; or an id alone.
    private static readonly string[] OfCredential = ["environment", "name"];

    private static readonly Shape Prices = Shape.Object(("prices", Shape.List<ModelPrice>()), ("unpriced", Shape.List<UnpricedModel>()));

    public static IReadOnlyList<Described> All { get; } =
    [
        new("GET", "/api/projects", "Lists projects.") { Response = Shape.ListOf<ProjectView>("projects") },
        Make("/api/projects", "Makes a project.", Shape.Of<NewProject>(), Shape.In<ProjectView>("project")),
        Read(Project, "Reads a project.", Shape.In<ProjectView>("project")),
        Change("PATCH", Project, "Changes a project: what is not there stays.", Shape.Of<ProjectChange>(), Shape.In<ProjectView>("project")),
        Delete(Project, "Deletes a project, with its keys and credentials. Its records stay."),
        Read($"{Project}/networking", "Reads from where a project's keys may be used.", Shape.Of<NetworkingView>()),
        Change("PUT", $"{Project}/networking", "Replaces it. An empty list lets nobody in where access is restricted, and the answer has a warning then.", Shape.Of<NetworkingReplacement>(), Shape.Of<NetworkingView>()),
        Read($"{Project}/policies", "Reads what may come in and go out of a project's requests.", Shape.Of<PolicyView>()),
        Change("PUT", $"{Project}/policies", "Replaces all rules. A rule whose action is left out only counts.", Shape.Of<PolicyDocument>(), Shape.Of<PolicyView>()),
        new("POST", $"{Project}/policies/test", "Says what policies, saved or not, would do with a text or a body. Nothing of it is kept.") { Body = Shape.Of<PolicyTest>(), Response = Shape.Of<PolicyTestView>() },
        new("GET", $"{Project}/policies/report", "Says what the rules have found, in the last seven days or from one time to another.") { Query = ["from", "to"], Response = Shape.Of<PolicyReport>() },
        new("POST", $"{Project}/policies/webhook/test", "Sends the webhook of policies one event that says that it is a test, and tells what came back.") { Response = Shape.Of<WebhookTestView>() },

        new("GET", $"{Project}/api-keys", "Lists a project's keys.") { Response = Shape.ListOf<ApiKeyView>("apiKeys") },
        Make($"{Project}/api-keys", "Makes a key. The answer holds it as full_key, this one time.", Shape.Of<NewApiKey>(), Shape.In<ApiKeyView>("apiKey")),
        Read(Key, "Reads a key.", Shape.In<ApiKeyView>("apiKey")),
        Change("PATCH", Key, "Changes or revokes a key.", Shape.Of<ApiKeyChange>(), Shape.In<ApiKeyView>("apiKey")),
        Make($"{Key}/rotate", "Puts a new key in the place of this one.", Shape.Of<KeyRotation>(), Shape.In<ApiKeyView>("apiKey")) with { IsBodyOptional = true, IsExpected = true },

        new("GET", $"{Project}/provider-keys", "Lists a project's credentials, without themselves.") { Response = Shape.ListOf<ProviderKeyView>("providers") },
        Make($"{Project}/provider-keys", "Stores a credential, or replaces the one of the same provider, environment and name.", Shape.Of<NewProviderKey>(), Shape.In<ProviderKeyView>("provider")),
        Read(Credential, "Reads a credential, without itself.", Shape.In<ProviderKeyView>("provider")) with { Query = OfCredential },
        Change("PATCH", Credential, "Changes a credential without its key: what is not there stays.", Shape.Of<ProviderKeyChange>(), Shape.In<ProviderKeyView>("provider")) with { Query = OfCredential },
        Delete(Credential, "Deletes a credential.") with { Query = OfCredential },

        new("POST", $"{Credential}/test", "Sends one smallest request with a credential, and tells what to do where that fails.")
        {
            Query = OfCredential,
            Body = Shape.Of<NewProviderTest>(),
            IsBodyOptional = true,
            Response = Shape.In<ProviderTestView>("test"),
        },

        new("GET", $"{Project}/targets", "Lists credentials that this edge leaves alone for a while, and canaries that are stopped, and why.") { Response = Shape.ListOf<TargetView>("targets") },
        new("POST", $"{Project}/targets/{{credentialId}}/reset", "Has one asked again at once, by all edges, and canaries that are asked with it.") { Status = StatusCodes.Status204NoContent },

        new("GET", $"{Project}/routes", "Lists routes, by name.") { Response = Shape.ListOf<RouteView>("routes") },
        Read(Route, "Reads a route.", Shape.Of<RouteView>()),
        Change("PUT", Route, "Makes a route, or puts another in its place: what is left out has its default.", Shape.Of<RouteDocument>(), Shape.Of<RouteView>()),
        Delete(Route, "Deletes a route that no alias, default model or agent names."),
        new("POST", $"{Route}/explain", "Says where a request would go by a route now, and why, without sending it. The route may be one that is not saved.")
        {
            Body = Shape.Of<ExplainRequest>(),
            Response = Shape.Of<RouteExplanation>(),
        },
        new("GET", $"{Route}/report", "Says what a route's fallbacks have cost and saved, in the last day or from one time to another.") { Query = ["from", "to"], Response = Shape.Of<RouteReport>() },

        Read($"{Project}/rate-limits", "Reads a project's limits.", Shape.Of<RateLimits>()),
        Change("PUT", $"{Project}/rate-limits", "Replaces them.", Shape.Of<RateLimitsReplacement>(), Shape.Of<RateLimits>()),
        Read($"{Agent}/rate-limits", "Reads an agent's limits.", Shape.Of<RateLimits>()),
        Change("PUT", $"{Agent}/rate-limits", "Replaces them.", Shape.Of<RateLimitsReplacement>(), Shape.Of<RateLimits>()),

        .. new[] { Project, Key, Agent }.SelectMany(owner => new[]
        {
            Read($"{owner}/budget", "Reads a budget.", Shape.Of<BudgetView>()),
            Change("PUT", $"{owner}/budget", "Replaces it.", Shape.Of<BudgetReplacement>(), Shape.Of<BudgetView>()),
            new("GET", $"{owner}/budget/alerts", "Lists who was told what of it, the newest first, and whether it was taken.") { Response = Shape.ListOf<AlertDeliveryView>("alerts") },
            new("POST", $"{owner}/budget/alerts/{{alertId}}/resend", "Tells an alert again, at most once in 10 seconds of each project.") { Response = Shape.In<AlertDeliveryView>("alert") },
            new("POST", $"{owner}/budget/test", "Tries its webhook, at most once in 10 seconds of each project.") { Response = Shape.In<AlertDeliveryView>("alert") },
        }),

        Read($"{Project}/prices", "Reads a project's own prices, and which models it uses without any.", Prices),
        Change("PUT", $"{Project}/prices", "Replaces them.", Shape.ListOf<ModelPrice>("prices"), Prices),
        new("GET", $"{Project}/open-work", "Lists work that goes on behind its answer, and what is set aside for it.") { Response = Shape.ListOf<PendingWorkView>("data") },
        new("GET", $"{Project}/verify", "Tells whether a month comes to the same wherever it is counted.") { Query = ["month"], Response = Shape.Of<LedgerSheet>() },

        new("GET", $"{Project}/agents", "Lists agents.") { Response = Shape.ListOf<AgentView>("data") },
        Make($"{Project}/agents", "Makes an agent.", Shape.Of<NewAgent>(), Shape.Of<AgentView>()),
        Read(Agent, "Reads an agent.", Shape.Of<AgentView>()),
        Change("PATCH", Agent, "Changes an agent: what is not there stays.", Shape.Of<AgentChange>(), Shape.Of<AgentView>()),
        Delete(Agent, "Deletes an agent, and revokes its keys."),
        Make($"{Agent}/keys", "Makes a key of an agent.", Shape.Of<NewAgentKey>(), Shape.In<ApiKeyView>("apiKey")) with { IsBodyOptional = true, IsTagged = false },
        new("GET", $"{Agent}/actions", "Lists tool calls of an agent in shadow mode.") { Query = ["status"], Response = Shape.ListOf<PendingActionView>("data") },
        new("GET", Action, "Reads one, with its whole arguments.") { Response = Shape.Of<PendingActionView>() },
        new("POST", $"{Action}/approve", "Approves it.") { Body = Shape.Of<Decision>(), IsBodyOptional = true, Response = Shape.Of<PendingActionView>() },
        new("POST", $"{Action}/reject", "Rejects it.") { Body = Shape.Of<Decision>(), IsBodyOptional = true, Response = Shape.Of<PendingActionView>() },

        new("GET", $"{Project}/prompts", "Lists prompts.") { Response = Shape.ListOf<PromptView>("prompts") },
        Make($"{Project}/prompts", "Makes a prompt and its first version.", Shape.Of<NewPrompt>(), Shape.Of<PromptResponse>()),
        Read(Prompt, "Reads a prompt and its active version.", Shape.Of<PromptResponse>()),
        Delete(Prompt, "Deletes a prompt."),
        new("GET", $"{Prompt}/versions", "Lists its versions, the oldest first.") { Response = Shape.ListOf<PromptVersionView>("versions") },
        Make($"{Prompt}/versions", "Adds a version, which is not the active one yet.", Shape.Of<NewPromptVersion>(), Shape.Of<PromptResponse>()),
        new("POST", $"{Prompt}/deploy", "Makes a version the active one.") { Body = Shape.Of<PromptDeployment>(), Response = Shape.Of<PromptResponse>(), IsTagged = true, IsExpected = true },

        new("GET", $"{Project}/logs", "Lists records of requests, the newest first.")
        {
            Query = ["status", "model", "served", "provider", "key", "agent", "prompt", "route", "rule", "endpoint", "error", "env", "unpriced", "newer", "from", "to", "cursor", "limit"],
            Response = Shape.Of<LogsResponse>(),
        },
        new("GET", $"{Project}/logs/{{requestId}}", "Reads one, with what was said where that is kept.") { Response = Shape.Of<LogResponse>() },

        new("GET", "/api/members", "Lists those who have signed in by OpenID Connect.") { Response = Shape.ListOf<MemberView>("members") },
        Read("/api/members/{memberId}", "Reads one.", Shape.In<MemberView>("member")),
        Change("PATCH", "/api/members/{memberId}", "Changes what somebody may do: what is not there stays.", Shape.Of<MemberChange>(), Shape.In<MemberView>("member")),
        Delete("/api/members/{memberId}", "Takes away access, and ends the sessions."),
        new("GET", "/api/invitations", "Lists invitations that nobody has taken up yet.") { Response = Shape.ListOf<InvitationView>("invitations") },
        new("POST", "/api/invitations", "Invites whoever signs in with an e-mail address.") { Status = StatusCodes.Status201Created, Body = Shape.Of<NewInvitation>(), Response = Shape.In<InvitationView>("invitation") },
        new("DELETE", "/api/invitations/{invitationId}", "Takes an invitation back.") { Status = StatusCodes.Status204NoContent },

        new("GET", "/api/audit", "Lists who changed what, the newest first; or exports all of it.")
        {
            Query = ["project", "from", "to", "actor", "action", "limit", "cursor", "format"],
            Response = Shape.Of<AuditPage>(),
            OtherTypes = ["text/csv", "application/jsonl"],
        },
        new("GET", "/api/audit/verify", "Tells whether the audit log is as it was written.") { Response = Shape.Of<AuditVerification>() },
        new("GET", "/api/export", "All that is administered as a document, without secrets.") { Query = ["format"], Response = Shape.Any("version", "projects"), OtherTypes = ["application/yaml"] },
        new("POST", "/api/apply", "Makes it what a document says, or tells the difference.")
        {
            Query = ["plan"],
            Body = Shape.Any("version", "projects"),
            Response = Shape.Of<ApplyResponse>(),
            OtherTypes = ["application/yaml"],
            TakesOthers = true,
        },
        new("GET", "/api/openapi.json", "This document.") { Response = Shape.Any("openapi", "paths") },
    ];

    private static Described Read(string path, string summary, Shape response) => new("GET", path, summary) { Response = response, IsTagged = true };

    private static Described Make(string path, string summary, Shape body, Shape response) =>
        new("POST", path, summary) { Status = StatusCodes.Status201Created, Body = body, Response = response, IsTagged = true };

    private static Described Change(string method, string path, string summary, Shape body, Shape response) =>
        new(method, path, summary) { Body = body, Response = response, IsTagged = true, IsExpected = true };

    private static Described Delete(string path, string summary) => new("DELETE", path, summary) { Status = StatusCodes.Status204NoContent, IsExpected = true };
}
