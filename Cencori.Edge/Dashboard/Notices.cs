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
        ["signed-out"] = "You are signed out.",
    };

    /// <returns>Null: there is no such word.</returns>
    public static string? Text(string? word) => word is not null && Texts.TryGetValue(word, out var text) ? text : null;
}
