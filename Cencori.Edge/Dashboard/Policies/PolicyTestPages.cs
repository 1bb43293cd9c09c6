using System.Text;
using System.Text.Json;
using Cencori.Edge.Admin;
using Cencori.Edge.Admin.Policies;
using Cencori.Edge.Dashboard.Layout;
using Cencori.Edge.Dashboard.Parts;
using Cencori.Edge.Errors;
using Cencori.Edge.Policies;

namespace Cencori.Edge.Dashboard.Policies;

/// <summary>The page that tests a project's rules with a text or a request body. It stores nothing, and calls no services except guardrails.</summary>
internal static class PolicyTestPages
{
    public const string What = "what";
    public const string Content = "content";
    public const string Stage = "stage";
    public const string Role = "role";
    public const string Endpoint = "endpoint";
    public const string OfBody = "body";

    private static readonly string[] Fields = [What, Content, Stage, Role, Endpoint];

    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/p/{slug}/policies/test", AskAsync);
        pages.MapPost("/p/{slug}/policies/test", RunTestAsync).WithMetadata(PageAccess.Viewers, new LongResponseMetadata());
    }

    private static Task<IResult> AskAsync(PageRequest page, PolicyEditor policies) => ShowAsync(page, policies, new(new Dictionary<string, string?> { [What] = "text", [Endpoint] = "/v1/chat/completions" }));

    private static async Task<IResult> RunTestAsync(PageRequest page, PolicyEditor policies, PolicyTester tester)
    {
        var form = await page.FormAsync();
        var state = new FormState(Fields.ToDictionary(field => field, field => (string?)form[field].ToString(), StringComparer.Ordinal));
        try
        {
            var test = Read(state);
            var outcome = await tester.TestAsync(page.Project.Id, test, page.Aborted);
            return await ShowAsync(page, policies, state, test.Text is { } text ? OutcomeOf(outcome, text, outcome.Hits, outcome.Text) : OutcomeOf(outcome, test.Body!.Value));
        }
        catch (RefusedException refused) when (refused.Error.Kind != ErrorKind.NotFound)
        {
            // Errors about a part of the text or body are shown at the field with the whole text or body.
            var error = refused.Error with { Param = Fields.Contains(refused.Error.Param) ? refused.Error.Param : Content };
            return await ShowAsync(page, policies, state with { Error = error }, status: error.Status);
        }
    }

    private static PolicyTest Read(FormState state)
    {
        // Browsers change LF line breaks to CRLF in forms. This restores the user's text.
        var content = (state[Content] ?? "").ReplaceLineEndings("\n");
        var stage = state[Stage] == PolicyText.WordOf(PolicyStage.Output) ? PolicyStage.Output : PolicyStage.Input;
        if (state[What] != OfBody)
        {
            return new() { Text = content, Stage = stage, Role = PolicyText.Read<PolicyDocument.Role>(state[Role]) };
        }

        var endpoint = (state[Endpoint] ?? "").Trim();
        try
        {
            return new()
            {
                Body = JsonElement.Parse(content),
                Stage = stage,
                Endpoint = endpoint.StartsWith('/') ? endpoint : throw new RefusedException(EdgeError.Invalid("Enter a path, such as /v1/chat/completions.", Endpoint)),
            };
        }
        catch (JsonException exception)
        {
            throw new RefusedException(EdgeError.Invalid($"The body must be JSON. Error in line {exception.LineNumber + 1}.", Content));
        }
    }

    private static PolicyTestOutcome OutcomeOf(PolicyTestView result, JsonElement body)
    {
        var text = body.GetRawText();
        return OutcomeOf(result, text, [.. MarkedText.InCharacters(Encoding.UTF8.GetBytes(text), result.Hits)], result.Body?.GetRawText());
    }

    private static PolicyTestOutcome OutcomeOf(PolicyTestView result, string text, List<PolicyHitView> hits, string? sent) => new(result, MarkedText.MarkInput(text, hits), MarkedText.MarkSent(text, hits, sent ?? text));

    private static async Task<IResult> ShowAsync(PageRequest page, PolicyEditor policies, FormState state, PolicyTestOutcome? outcome = null, int status = StatusCodes.Status200OK)
    {
        var names = (await policies.GetAsync(page.Project.Id)).Value.Rules.ToDictionary(rule => rule.Id ?? "", rule => rule.Name, StringComparer.Ordinal);
        return Page.Show<PolicyTestPage, PolicyTestModel>(page.Frame("Test the policies", Section.Policies), new(state, names, outcome), status);
    }
}
