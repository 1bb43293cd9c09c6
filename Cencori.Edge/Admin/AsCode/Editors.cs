using Cencori.Edge.Admin.Agents;
using Cencori.Edge.Admin.Keys;
using Cencori.Edge.Admin.Limits;
using Cencori.Edge.Admin.Policies;
using Cencori.Edge.Admin.Projects;
using Cencori.Edge.Admin.Prompts;
using Cencori.Edge.Admin.Providers;
using Cencori.Edge.Admin.Routes;

namespace Cencori.Edge.Admin.AsCode;

/// <summary>The editors that read and change what a document covers. Pages and the administration API use the same ones.</summary>
internal sealed record Editors(
    ProjectEditor Projects, NetworkEditor Networks, PolicyEditor Policies, RateLimitEditor Limits, BudgetEditor Budgets, PriceEditor Prices, ProviderKeyEditor Credentials, RouteEditor Routes, AgentEditor Agents, PromptEditor Prompts, ApiKeyEditor Keys);
