namespace Cencori.Edge.Dashboard;

/// <summary>
/// What a page says has been done before it. An address names it by a word of this list, so that nobody can make a page say something else by a link.
/// </summary>
public static class Notices
{
    private static readonly Dictionary<string, string> Texts = new(StringComparer.Ordinal)
    {
        ["saved"] = "Saved.",
        ["project-created"] = "The project has been created.",
        ["project-deleted"] = "The project has been deleted.",
        ["member-removed"] = "The member has been removed, and their sessions have ended.",
        ["invited"] = "The invitation is open. Send them the address below: no mail is sent.",
        ["invitation-deleted"] = "The invitation has been taken back.",
        ["credential-stored"] = "The credential has been stored. Test it to see whether it works.",
        ["credential-deleted"] = "The credential has been deleted. It is no longer used.",
        ["target-reset"] = "The credential is used again.",
        ["default-model-set"] = "The default model has been saved.",
        ["agent-created"] = "The agent has been created.",
        ["agent-deleted"] = "The agent has been deleted. Its keys no longer work.",
        ["action-approved"] = "The tool call has been approved.",
        ["action-rejected"] = "The tool call has been rejected.",
        ["route-created"] = "The route has been created. Requests may name it, at every edge within a second.",
        ["route-deleted"] = "The route has been deleted.",
        ["rule-created"] = "The rule has been created. It holds at every edge within a second.",
        ["rule-deleted"] = "The rule has been deleted.",
        ["rules-added"] = "The rules have been added. They count what they find; give them another action once you have seen it.",
        ["prompt-created"] = "The prompt has been created. Its first version is active.",
        ["prompt-deleted"] = "The prompt has been deleted.",
        ["namespace-created"] = "The namespace has been created. Keys may store in it.",
        ["namespace-deleted"] = "The namespace has been deleted, with all that was in it.",
        ["entry-deleted"] = "The entry has been deleted.",
        ["reembedding"] = "All entries are embedded anew, in the background.",
        ["reembedding-ended"] = "Embedding anew has been given up. Searches go on as before.",
        ["version-added"] = "The version has been added. It is used when it is deployed.",
        ["version-deployed"] = "The version is active, at every edge within a second.",
        ["key-revoked"] = "The key is revoked. From now on it is refused, at every edge.",
        ["session-ended"] = "The session has ended.",
        ["others-ended"] = "All other sessions have ended.",
        ["webhook-took-test"] = "The webhook took the test.",
        ["webhook-refused-test"] = "The webhook did not take the test. The list of alerts says why.",
        ["alert-resent"] = "The webhook took the alert.",
        ["alert-not-resent"] = "The webhook did not take the alert. The list of alerts says why.",
        ["signed-out"] = "You are signed out.",
    };

    /// <returns>Null: there is no such word.</returns>
    public static string? Text(string? word) => word is not null && Texts.TryGetValue(word, out var text) ? text : null;
}
