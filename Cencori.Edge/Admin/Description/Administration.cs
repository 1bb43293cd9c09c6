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
using Cencori.Edge.Routing.Routes;
using Cencori.Edge.Storage;
using Cencori.Edge.Verification;

namespace Cencori.Edge.Admin.Description;

/// <summary>Describes every endpoint of the administration API for the OpenAPI document. A test compares this list with the mapped routes.</summary>
internal static class Administration
{
    private const string Project = "/api/projects/{projectId}";
    private const string Key = $"{Project}/api-keys/{{keyId}}";
    private const string Agent = $"{Project}/agents/{{agentId}}";
    private const string Action = $"{Agent}/actions/{{actionId}}";
    private const string Credential = $"{Project}/provider-keys/{{provider}}";
    private const string Route = $"{Project}/routes/{{name}}";
    private const string Prompt = $"{Project}/prompts/{{promptId}}";

    // Query parameters that select a credential if the path names a provider. If the path has a credential id, they are not needed.
    private static readonly string[] OfCredential = ["environment", "name"];

    private static readonly Shape Prices = Shape.Object(("prices", Shape.List<ModelPrice>()), ("unpriced", Shape.List<UnpricedModel>()));

    public static IReadOnlyList<Described> All { get; } =
    [
        new("GET", "/api/projects", "Lists projects.") { Response = Shape.ListOf<ProjectView>("projects") },
        Make("/api/projects", "Creates a project.", Shape.Of<NewProject>(), Shape.In<ProjectView>("project")),
        Read(Project, "Reads a project.", Shape.In<ProjectView>("project")),
        Change("PATCH", Project, "Changes a project. Absent members stay unchanged.", Shape.Of<ProjectChange>(), Shape.In<ProjectView>("project")),
        Delete(Project, "Deletes a project, with its keys and credentials. The records of its requests stay."),
        Read($"{Project}/networking", "Reads the networks from which a project's keys may be used.", Shape.Of<NetworkingView>()),
        Change("PUT", $"{Project}/networking", "Replaces the networks from which a project's keys may be used. Restricted access with an empty list refuses everybody; the response then has a warning.", Shape.Of<NetworkingReplacement>(), Shape.Of<NetworkingView>()),
        Read($"{Project}/policies", "Reads a project's policies for request and response content.", Shape.Of<PolicyView>()),
        Change("PUT", $"{Project}/policies", "Replaces a project's policies. A rule without an action only counts its findings.", Shape.Of<PolicyDocument>(), Shape.Of<PolicyView>()),
        new("POST", $"{Project}/policies/test", "Tests saved or unsaved policies on a text or a body. Nothing is stored.") { Body = Shape.Of<PolicyTest>(), Response = Shape.Of<PolicyTestView>() },
        new("GET", $"{Project}/policies/report", "Reports the findings of the rules, for the last seven days or a given period.") { Query = ["from", "to"], Response = Shape.Of<PolicyReport>() },
        new("POST", $"{Project}/policies/webhook/test", "Sends a test event to the webhook of the policies, and returns the result.") { Response = Shape.Of<WebhookTestView>() },

        new("GET", $"{Project}/api-keys", "Lists a project's keys.") { Response = Shape.ListOf<ApiKeyView>("apiKeys") },
        Make($"{Project}/api-keys", "Creates a key. Only this response contains the full key, as full_key.", Shape.Of<NewApiKey>(), Shape.In<ApiKeyView>("apiKey")),
        Read(Key, "Reads a key.", Shape.In<ApiKeyView>("apiKey")),
        Change("PATCH", Key, "Changes or revokes a key.", Shape.Of<ApiKeyChange>(), Shape.In<ApiKeyView>("apiKey")),
        Make($"{Key}/rotate", "Replaces this key with a new one.", Shape.Of<KeyRotation>(), Shape.In<ApiKeyView>("apiKey")) with { IsBodyOptional = true, AcceptsIfMatch = true },

        new("GET", $"{Project}/provider-keys", "Lists a project's credentials, without their secrets.") { Response = Shape.ListOf<ProviderKeyView>("providers") },
        Make($"{Project}/provider-keys", "Stores a credential, or replaces the one of the same provider, environment and name.", Shape.Of<NewProviderKey>(), Shape.In<ProviderKeyView>("provider")),
        Read(Credential, "Reads a credential, without its secret.", Shape.In<ProviderKeyView>("provider")) with { Query = OfCredential },
        Change("PATCH", Credential, "Changes the settings of a credential, but not its secret. Absent members stay unchanged.", Shape.Of<ProviderKeyChange>(), Shape.In<ProviderKeyView>("provider")) with { Query = OfCredential },
        Delete(Credential, "Deletes a credential.") with { Query = OfCredential },

        new("POST", $"{Credential}/test", "Sends one minimal request with a credential. If it fails, the response says what to do.")
        {
            Query = OfCredential,
            Body = Shape.Of<NewProviderTest>(),
            IsBodyOptional = true,
            Response = Shape.In<ProviderTestView>("test"),
        },

        new("GET", $"{Project}/targets", "Lists the credentials in cool-down at this edge, and the stopped canaries (route targets in test), with reasons.") { Response = Shape.ListOf<TargetView>("targets") },
        new("POST", $"{Project}/targets/{{credentialId}}/reset", "Ends the cool-down of a credential at once at all edges, and restarts the stopped canaries that use it.") { Status = StatusCodes.Status204NoContent },

        new("GET", $"{Project}/routes", "Lists routes, by name.") { Response = Shape.ListOf<RouteView>("routes") },
        Read(Route, "Reads a route.", Shape.Of<RouteView>()),
        Change("PUT", Route, "Creates or replaces a route. Absent members take their defaults.", Shape.Of<RouteDocument>(), Shape.Of<RouteView>()),
        Delete(Route, "Deletes a route. A route that an alias, default model or agent uses cannot be deleted."),
        new("POST", $"{Route}/explain", "Explains where a route, saved or unsaved, would send a request now, and why. Sends nothing.")
        {
            Body = Shape.Of<ExplainRequest>(),
            Response = Shape.Of<RouteExplanation>(),
        },
        new("GET", $"{Route}/report", "Reports what a route's fallbacks cost and saved, for the last day or a given period.") { Query = ["from", "to"], Response = Shape.Of<RouteReport>() },

        Read($"{Project}/rate-limits", "Reads a project's limits.", Shape.Of<RateLimits>()),
        Change("PUT", $"{Project}/rate-limits", "Replaces the limits.", Shape.Of<RateLimitsReplacement>(), Shape.Of<RateLimits>()),
        Read($"{Agent}/rate-limits", "Reads an agent's limits.", Shape.Of<RateLimits>()),
        Change("PUT", $"{Agent}/rate-limits", "Replaces the limits.", Shape.Of<RateLimitsReplacement>(), Shape.Of<RateLimits>()),

        .. new[] { Project, Key, Agent }.SelectMany(owner => new[]
        {
            Read($"{owner}/budget", "Reads a budget.", Shape.Of<BudgetView>()),
            Change("PUT", $"{owner}/budget", "Replaces a budget.", Shape.Of<BudgetReplacement>(), Shape.Of<BudgetView>()),
            new("GET", $"{owner}/budget/alerts", "Lists deliveries of budget alerts and their results, newest first.") { Response = Shape.ListOf<AlertDeliveryView>("alerts") },
            new("POST", $"{owner}/budget/alerts/{{alertId}}/resend", "Sends an alert again, at most once in 10 seconds per project.") { Response = Shape.In<AlertDeliveryView>("alert") },
            new("POST", $"{owner}/budget/test", "Tests the budget's webhook, at most once in 10 seconds per project.") { Response = Shape.In<AlertDeliveryView>("alert") },
        }),

        Read($"{Project}/prices", "Reads a project's own prices, and the models that it uses without a price.", Prices),
        Change("PUT", $"{Project}/prices", "Replaces the prices.", Shape.ListOf<ModelPrice>("prices"), Prices),
        new("GET", $"{Project}/open-work", "Lists background work that has not ended, and the cost reserved for it.") { Response = Shape.ListOf<PendingWorkView>("data") },
        new("GET", $"{Project}/verify", "Compares all stored totals of the project's cost in a month, and reports where they differ.") { Query = ["month"], Response = Shape.Of<LedgerSheet>() },

        new("GET", $"{Project}/agents", "Lists agents.") { Response = Shape.ListOf<AgentView>("data") },
        Make($"{Project}/agents", "Creates an agent.", Shape.Of<NewAgent>(), Shape.Of<AgentView>()),
        Read(Agent, "Reads an agent.", Shape.Of<AgentView>()),
        Change("PATCH", Agent, "Changes an agent. Absent members stay unchanged.", Shape.Of<AgentChange>(), Shape.Of<AgentView>()),
        Delete(Agent, "Deletes an agent, and revokes its keys."),
        Make($"{Agent}/keys", "Creates a key of an agent.", Shape.Of<NewAgentKey>(), Shape.In<ApiKeyView>("apiKey")) with { IsBodyOptional = true, IsTagged = false },
        new("GET", $"{Agent}/actions", "Lists tool calls of an agent in shadow mode.") { Query = ["status"], Response = Shape.ListOf<PendingActionView>("data") },
        new("GET", Action, "Reads one tool call, with its full arguments.") { Response = Shape.Of<PendingActionView>() },
        new("POST", $"{Action}/approve", "Approves a tool call.") { Body = Shape.Of<Decision>(), IsBodyOptional = true, Response = Shape.Of<PendingActionView>() },
        new("POST", $"{Action}/reject", "Rejects a tool call.") { Body = Shape.Of<Decision>(), IsBodyOptional = true, Response = Shape.Of<PendingActionView>() },

        new("GET", $"{Project}/prompts", "Lists prompts.") { Response = Shape.ListOf<PromptView>("prompts") },
        Make($"{Project}/prompts", "Creates a prompt and its first version.", Shape.Of<NewPrompt>(), Shape.Of<PromptResponse>()),
        Read(Prompt, "Reads a prompt and its active version.", Shape.Of<PromptResponse>()),
        Delete(Prompt, "Deletes a prompt."),
        new("GET", $"{Prompt}/versions", "Lists a prompt's versions, oldest first.") { Response = Shape.ListOf<PromptVersionView>("versions") },
        Make($"{Prompt}/versions", "Adds a version. It is not active until it is deployed.", Shape.Of<NewPromptVersion>(), Shape.Of<PromptResponse>()),
        new("POST", $"{Prompt}/deploy", "Makes a version active.") { Body = Shape.Of<PromptDeployment>(), Response = Shape.Of<PromptResponse>(), IsTagged = true, AcceptsIfMatch = true },

        new("GET", $"{Project}/logs", "Lists the records of a project's requests, newest first.")
        {
            Query = ["status", "model", "served", "provider", "key", "agent", "prompt", "route", "rule", "endpoint", "error", "env", "unpriced", "newer", "from", "to", "cursor", "limit"],
            Response = Shape.Of<LogsResponse>(),
        },
        new("GET", $"{Project}/logs/{{requestId}}", "Reads one record, with the request and response bodies if they are stored.") { Response = Shape.Of<LogResponse>() },

        new("GET", "/api/members", "Lists members who have signed in with OpenID Connect.") { Response = Shape.ListOf<MemberView>("members") },
        Read("/api/members/{memberId}", "Reads a member.", Shape.In<MemberView>("member")),
        Change("PATCH", "/api/members/{memberId}", "Changes a member's permissions. Absent members of the body stay unchanged.", Shape.Of<MemberChange>(), Shape.In<MemberView>("member")),
        Delete("/api/members/{memberId}", "Removes a member's access, and ends the member's sessions."),
        new("GET", "/api/invitations", "Lists invitations that nobody has accepted yet.") { Response = Shape.ListOf<InvitationView>("invitations") },
        new("POST", "/api/invitations", "Invites a person by e-mail address. The invitation applies when the person signs in.") { Status = StatusCodes.Status201Created, Body = Shape.Of<NewInvitation>(), Response = Shape.In<InvitationView>("invitation") },
        new("DELETE", "/api/invitations/{invitationId}", "Deletes an invitation.") { Status = StatusCodes.Status204NoContent },

        new("GET", "/api/audit", "Lists who changed what, newest first, or exports the whole log.")
        {
            Query = AuditApi.Parameters,
            Response = Shape.Of<AuditPage>(),
            OtherTypes = ["text/csv", "application/jsonl"],
        },
        new("GET", "/api/audit/verify", "Checks whether the audit log is intact.") { Response = Shape.Of<AuditVerification>() },
        new("GET", "/api/export", "Exports the configuration as one document, without secrets.") { Query = ["format"], Response = Shape.Any("version", "projects"), OtherTypes = ["application/yaml"] },
        new("POST", "/api/apply", "Applies a configuration document, or reports the changes that it would make.")
        {
            Query = ["plan"],
            Body = Shape.Any("version", "projects"),
            Response = Shape.Of<ApplyResponse>(),
            OtherTypes = ["application/yaml"],
            AllowsOtherTypes = true,
        },
        new("GET", "/api/openapi.json", "This document.") { Response = Shape.Any("openapi", "paths") },
    ];

    private static Described Read(string path, string summary, Shape response) => new("GET", path, summary) { Response = response, IsTagged = true };

    private static Described Make(string path, string summary, Shape body, Shape response) =>
        new("POST", path, summary) { Status = StatusCodes.Status201Created, Body = body, Response = response, IsTagged = true };

    private static Described Change(string method, string path, string summary, Shape body, Shape response) =>
        new(method, path, summary) { Body = body, Response = response, IsTagged = true, AcceptsIfMatch = true };

    private static Described Delete(string path, string summary) => new("DELETE", path, summary) { Status = StatusCodes.Status204NoContent, AcceptsIfMatch = true };
}
