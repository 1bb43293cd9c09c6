using Cencori.Edge.Admin.Agents;
using Cencori.Edge.Admin.Keys;
using Cencori.Edge.Admin.Limits;
using Cencori.Edge.Admin.Policies;
using Cencori.Edge.Admin.Projects;
using Cencori.Edge.Admin.Prompts;
using Cencori.Edge.Admin.Providers;
using Cencori.Edge.Admin.Routes;

namespace Cencori.Edge.Admin.AsCode;

/// <summary>The editors for the objects that a configuration document describes. The dashboard and the administration API use the same editors.</summary>
internal sealed record Editors(
    ProjectEditor Projects, NetworkEditor Networks, PolicyEditor Policies, RateLimitEditor Limits, BudgetEditor Budgets, PriceEditor Prices, ProviderKeyEditor Credentials, RouteEditor Routes, AgentEditor Agents, PromptEditor Prompts, ApiKeyEditor Keys);
