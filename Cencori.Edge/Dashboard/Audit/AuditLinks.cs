using Cencori.Edge.Admin.Audit;

namespace Cencori.Edge.Dashboard.Audit;

/// <summary>Links from audit rows to the page of the changed object.</summary>
internal static class AuditLinks
{
    /// <param name="row">The audit row.</param>
    /// <param name="slug">The slug of the row's project; null: the row has no project, or the project was deleted.</param>
    /// <returns>Null: the object has no page.</returns>
    public static string? Of(AuditView row, string? slug)
    {
        var id = Uri.EscapeDataString(row.ObjectId);
        var kind = row.Action.Split('.')[0];
        if (row.Action.EndsWith(".deleted", StringComparison.Ordinal))
        {
            return null;
        }

        if (kind is "member" or "membership")
        {
            return $"{DashboardOptions.Path}/members/{id}";
        }

        return slug is null ? null : $"{DashboardOptions.Path}/p/{slug}" + kind switch
        {
            "project" => "",
            "api_key" => $"/keys/{id}",
            "provider_key" => "/providers",
            "budget" => "/budget",
            "agent" => $"/agents/{id}",
            "action" => "/agents",
            "route" => "/routes",
            "prompt" => $"/prompts/{id}",
            "prompt_version" => "/prompts",
            "memory_namespace" => $"/memory/{id}",
            "payload" => $"/logs/{id}",
            _ => "",
        };
    }
}
