using System.Globalization;
using System.Text;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Requests;
using Cencori.Edge.Tests.Dashboard.Sessions;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Metrics;
using Cencori.Edge.Tests.Records;
using CsCheck;

namespace Cencori.Edge.Tests.Dashboard.Logs;

/// <summary>CSV files: texts of callers round-trip unchanged, and none of them becomes a spreadsheet formula.</summary>
public sealed class CsvTests(MetricsApiTests.QuietEdge fixture) : IClassFixture<MetricsApiTests.QuietEdge>
{
    private static readonly DateTimeOffset Now = new(2030, 3, 15, 10, 1, 0, TimeSpan.Zero);

    private static readonly string[] Beginnings = ["=", "+", "-", "@", "\t", "\r", "'", "\"", ",", "\n", "\r\n", ";", "#", " ", ""];

    private static readonly Gen<string> Text = Gen.Select(Gen.OneOfConst(Beginnings), Gen.OneOfConst("1+1", "HYPERLINK(\"http://evil.example\",\"x\")", "cmd|' /C calc'!A0", "a\"b", "a,b", "a\r\nb", "ü€ 模型", "", "x"), Gen.OneOfConst(Beginnings),
        (begin, middle, end) => begin + middle + end);

    private readonly RunningEdge _edge = fixture.Edge;

    [Fact]
    public async Task Requests_round_trip_through_CSV_and_no_text_is_a_formula() => await Gen.Select(Text, Text, Text, Text).Array[1, 12].SampleAsync(
        async texts =>
        {
            var (project, path, client) = await CreateAsync();
            using var _ = client;
            for (var i = 0; i < texts.Length; i++)
            {
                var record = Some.Record(project, RequestOutcome.Error, Now.AddSeconds(-i - 1), $"req_{i}", cost: 0.000_000_012_345m);
                (record.Message, record.App, record.ModelAsked, record.ModelServed) = (Stored(texts[i].Item1), Stored(texts[i].Item2), Stored(texts[i].Item3), Stored(texts[i].Item4));
                _edge.Records().Write(record);
            }

            await _edge.StoredAsync();
            var stored = (await _edge.RowsAsync(project)).OrderByDescending(row => row.StartedAt).ToList();
            await client.GetAsync(path + "/logs-export?format=csv");
            var rows = Parse(client.Html);
            Assert.Equal($"# whole: {texts.Length} requests", Assert.Single(rows[^1]));
            var header = rows[0].ToList();
            Assert.Equal(texts.Length, rows.Count - 2);
            for (var i = 0; i < texts.Length; i++)
            {
                var row = rows[i + 1];
                Assert.Equal(header.Count, row.Length);
                foreach (var (member, value) in ((string, string?)[])[("request_id", stored[i].RequestId), ("message", stored[i].Message), ("app", stored[i].App), ("model_asked", stored[i].ModelAsked), ("model_served", stored[i].ModelServed)])
                {
                    AssertIs(value ?? "", row[header.IndexOf(member)]);
                }

                Assert.Equal("0.000000012345", row[header.IndexOf("cost_usd")]);
            }
        },
        iter: 15,
        threads: 1);

    [Fact]
    public async Task Usage_round_trips_through_CSV_and_no_name_is_a_formula() => await Gen.Select(Text, Gen.Int[1, 3]).Array[1, 8].SampleAsync(
        async models =>
        {
            var (project, path, client) = await CreateAsync();
            using var _ = client;
            foreach (var (model, count) in models)
            {
                for (var i = 0; i < count; i++)
                {
                    _edge.Records().Write(Some.Record(project, at: Now.AddMinutes(-30), model: Stored(model)));
                }
            }

            await _edge.StoredAsync();
            await client.GetAsync(path + "/usage?range=1h&format=csv");
            var rows = Parse(client.Html);
            var header = rows[0].ToList();
            Assert.All(rows, row => Assert.Equal(header.Count, row.Length));
            Assert.Equal(
                models.Sum(model => model.Item2), rows.Skip(1).Sum(row => int.Parse(row[header.IndexOf("requests")], CultureInfo.InvariantCulture)));
            foreach (var row in rows.Skip(1))
            {
                Assert.All([row[header.IndexOf("group")], row[header.IndexOf("name")]], field => Assert.False(field.Length > 0 && field[0] is '=' or '+' or '-' or '@' or '\t' or '\r', field));
            }

            var named = rows.Skip(1).Select(row => row[header.IndexOf("group")]).ToHashSet();
            foreach (var stored in (await _edge.RowsAsync(project)).Select(row => row.ModelServed ?? "").Distinct())
            {
                Assert.Contains(named, field => Is(stored, field));
            }
        },
        iter: 15,
        threads: 1);

    [Fact]
    public async Task Only_members_export_and_the_audit_log_names_them()
    {
        var (project, path, client) = await CreateAsync();
        client.Dispose();
        using var viewer = await _edge.SignedInAsync(UserRole.Viewer, project);
        using var member = await _edge.SignedInAsync(UserRole.Member, project);
        foreach (var (file, action) in ((string, string)[])[("/usage?format=csv", "usage.exported"), ("/logs-export?format=csv", "logs.exported")])
        {
            await viewer.GetAsync(path + file);
            Assert.Equal(System.Net.HttpStatusCode.Forbidden, viewer.Response.StatusCode);
            await member.GetAsync(path + file);
            Assert.Equal("text/csv", member.Response.Content.Headers.ContentType!.MediaType);
            Assert.Matches("^attachment; filename=\"?[a-z0-9.-]+\\.csv\"?$", member.Response.Content.Headers.ContentDisposition!.ToString());
            var noted = Assert.Single((await _edge.SendAdminAsync(HttpMethod.Get, $"/api/audit?project={project}&action={action}"))["entries"]!.AsArray())!;
            Assert.Equal($"user {member.UserId}", (string?)noted["actor"]);
        }
    }

    private static void AssertIs(string value, string field) => Assert.True(Is(value, field), $"'{value}' is '{field}'");

    // Text that a spreadsheet would treat as a formula gets a leading apostrophe; no other text does.
    private static bool Is(string value, string field) => field == (value.Length > 0 && value[0] is '=' or '+' or '-' or '@' or '\t' or '\r' ? "'" + value : value);

    // An empty text is stored as no text, so another text is used instead.
    private static string Stored(string text) => text.Length == 0 ? "x" : text;

    // Strict RFC 4180.
    private static List<string[]> Parse(string csv)
    {
        var (rows, row, field) = (new List<string[]>(), new List<string>(), new StringBuilder());
        for (var i = 0; i < csv.Length; i++)
        {
            if (csv[i] == '"')
            {
                Assert.Equal(0, field.Length);
                for (i++; csv[i] != '"' || (i + 1 < csv.Length && csv[i + 1] == '"'); i++)
                {
                    i += csv[i] == '"' ? 1 : 0;
                    field.Append(csv[i]);
                }

                Assert.Contains(csv[i + 1], ",\r");
            }
            else if (csv[i] == ',')
            {
                row.Add(field.ToString());
                field.Clear();
            }
            else if (csv[i] == '\r')
            {
                Assert.Equal('\n', csv[++i]);
                row.Add(field.ToString());
                field.Clear();
                rows.Add([.. row]);
                row.Clear();
            }
            else
            {
                Assert.NotEqual('\n', csv[i]);
                field.Append(csv[i]);
            }
        }

        Assert.Equal(0, field.Length + row.Count);
        return rows;
    }

    private async Task<(string Project, string Path, PageClient Client)> CreateAsync()
    {
        var project = await _edge.CreateProjectAsync();
        var client = await _edge.SignedInAsync(UserRole.Member, project);
        return (project, $"/dashboard/p/{(string)(await _edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}"))["project"]!["slug"]!}", client);
    }
}
