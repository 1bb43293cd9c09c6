namespace Cencori.Edge.Dashboard;

/// <summary>
/// Messages about a completed action. The URL contains only a word, which selects a message, so a crafted link cannot make a page show other text.
/// </summary>
public static class Notices
{
    private static readonly Dictionary<string, string> Texts = new(StringComparer.Ordinal)
    {
        ["saved"] = "Saved.",
        ["project-created"] = "The project has been created.",
        ["project-deleted"] = "The project has been deleted.",
        ["member-removed"] = "The member has been removed, and their sessions have ended.",
        ["invited"] = "The invitation is open. Send the invited person the address below: no mail is sent.",
        ["invitation-deleted"] = "The invitation has been deleted.",
        ["credential-stored"] = "The credential has been stored. Test it to see whether it works.",
        ["credential-deleted"] = "The credential has been deleted. It is no longer used.",
        ["target-reset"] = "The cool-down has ended. The credential is used again.",
        ["default-model-set"] = "The default model has been saved.",
        ["agent-created"] = "The agent has been created.",
        ["agent-deleted"] = "The agent has been deleted. Its keys no longer work.",
        ["action-approved"] = "The tool call has been approved.",
        ["action-rejected"] = "The tool call has been rejected.",
        ["route-created"] = "The route has been created. Within a second, requests at every edge can use its name as their model.",
        ["route-deleted"] = "The route has been deleted.",
        ["rule-created"] = "The rule has been created. It applies at every edge within a second.",
        ["rule-deleted"] = "The rule has been deleted.",
        ["rules-added"] = "The rules have been added. They only count findings; choose another action once you have reviewed them.",
        ["prompt-created"] = "The prompt has been created. Its first version is active.",
        ["prompt-deleted"] = "The prompt has been deleted.",
        ["namespace-created"] = "The namespace has been created. Keys can now store entries in it.",
        ["namespace-deleted"] = "The namespace has been deleted, with all of its entries.",
        ["entry-deleted"] = "The entry has been deleted.",
        ["reembedding"] = "All entries are being re-embedded in the background.",
        ["reembedding-ended"] = "Re-embedding has been cancelled. Searches work as before.",
        ["version-added"] = "The version has been added. It is used when it is deployed.",
        ["version-deployed"] = "The version is active, at every edge within a second.",
        ["key-revoked"] = "The key is revoked. From now on it is refused, at every edge.",
        ["session-ended"] = "The session has ended.",
        ["others-ended"] = "All other sessions have ended.",
        ["webhook-took-test"] = "The webhook accepted the test.",
        ["webhook-refused-test"] = "The webhook did not accept the test. The list of alerts shows why.",
        ["alert-resent"] = "The webhook accepted the alert.",
        ["alert-not-resent"] = "The webhook did not accept the alert. The list of alerts shows why.",
        ["signed-out"] = "You are signed out.",
    };

    /// <returns>Null: the word is unknown.</returns>
    public static string? Text(string? word) => word is not null && Texts.TryGetValue(word, out var text) ? text : null;
}
