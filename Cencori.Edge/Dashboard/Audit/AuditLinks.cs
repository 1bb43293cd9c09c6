using Cencori.Edge.Admin.Audit;

namespace Cencori.Edge.Dashboard.Audit;

/// <summary>Where the page of something is that the log tells of.</summary>
internal static class AuditLinks
{
    /// <param name="row">What is told.</param>
    /// <param name="slug">Of its project; null: it has none, or that is gone.</param>
    /// <returns>Null: it has no page.</returns>
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
            "prompt" => $"/prompts/{id}",
            "prompt_version" => "/prompts",
            "memory_namespace" => $"/memory/{id}",
            "payload" => $"/logs/{id}",
            _ => "",
        };
    }
}
