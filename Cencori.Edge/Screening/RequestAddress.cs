using Cencori.Edge.Exchanges;
using Cencori.Edge.Policies;

namespace Cencori.Edge.Screening;

/// <summary>The path and the query of a request. What stands there cannot be masked without becoming another request: what would be is refused.</summary>
internal static class RequestAddress
{
    public static void Scan(Exchange exchange, BodyScreen screen, PolicySet set, PolicyTally tally)
    {
        Scan(exchange.Rest.Value ?? "", "(path)", screen, set, tally);
        if (exchange.Context.Request.QueryString.Value is { Length: > 1 } query)
        {
            Scan(Uri.UnescapeDataString(query.Replace('+', ' ')), "(query)", screen, set, tally);
        }
    }

    private static void Scan(string text, string where, BodyScreen screen, PolicySet set, PolicyTally tally)
    {
        foreach (var hit in screen.ScanPlain(text, set.Input))
        {
            var action = hit.Rule.ActionFor(PolicyRoles.User, isEmbedded: false);
            if (action != PolicyAction.Off)
            {
                tally.Add(hit.Rule, isOutput: false, action == PolicyAction.Monitor || hit.Rule.IsImplied ? PolicyAction.Monitor : PolicyAction.Block, where);
            }
        }
    }
}
