using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Microsoft.Data.Sqlite;

namespace Cencori.Edge.Tests.Verification;

/// <summary>A project with two keys that is used at two edges, and the expected sums.</summary>
internal sealed class MonthOfProject
{
    // US dollars per million tokens before prices change; changes raise prices at most threefold.
    private const int InputPerMillion = 1_000;
    private const int OutputPerMillion = 10_000;

    // More tokens than the text of any request has.
    private const int MaxInput = 60;
    private const int MaxOutput = 20;

    private static readonly TimeSpan Locked = TimeSpan.FromSeconds(1);

    private readonly TwoEdges _edges;
    private readonly MonthScript _script;
    private readonly bool _mayLoseRedis;
    private readonly ConcurrentQueue<(string Id, string Key)> _works = new();
    private readonly List<(string Id, string Key)> _keys = [];
    private string _project = "";
    private int _price = 1;
    private int _dearest = 1;
    private decimal _cap = 2;
    private bool _isRedisSure = true;
    private bool _isRedisKilled;

    // One edge may read another's request from the records before that edge has reported it to Redis; then both add it to a new budget.
    private bool _isBudgetMadeInUse;

    private MonthOfProject(TwoEdges edges, MonthScript script, bool mayLoseRedis) => (_edges, _script, _mayLoseRedis) = (edges, script, mayLoseRedis);

    private RunningEdge[] Both => [_edges.A, _edges.B];

    public static async Task<MonthOfProject> BeginAsync(TwoEdges edges, MonthScript script, bool mayLoseRedis)
    {
        var month = new MonthOfProject(edges, script, mayLoseRedis) { _project = await edges.A.CreateProjectAsync("openai") };
        await month.SetPricesAsync();
        await edges.A.SetBudgetAsync(month._project, month._cap);
        for (var number = 0; number < 2; number++)
        {
            var key = await edges.CreateKeyAsync(month._project);
            var ids = (await edges.A.SendAdminAsync(HttpMethod.Get, $"/api/projects/{month._project}/api-keys"))["apiKeys"]!.AsArray();
            var id = (string)ids.Single(one => (string?)one!["last_four"] == key[^4..])!["id"]!;
            month._keys.Add((id, key));
        }

        await edges.A.SetBudgetAsync(month._project, 1.5m, month._keys[1].Id);
        return month;
    }

    /// <summary>Ends when no request is in flight any more.</summary>
    public async Task RunAsync(MonthRound round)
    {
        await Task.WhenAll([HappenAsync(round.Event), .. round.Requests.Select(SendAsync)]);
        if (!_isRedisKilled)
        {
            await FindRedisAsync();
            await CheckAsync(round);
            await AssertWithinBudgetAsync();
        }
    }

    /// <summary>Redis is back. All sums must agree at both edges; if Redis has lost its data, no counter may be too low.</summary>
    public async Task EndAsync()
    {
        await StartRedisAsync();
        await FindRedisAsync();
        foreach (var edge in Both)
        {
            await edge.AssertLedgerClosesAsync(_project, mayCountMore: !_isRedisSure || _isBudgetMadeInUse);
        }
    }

    // Sends a request with each key at each edge, so that both edges remember the current counters. Work that settles below its reservation makes a
    // counter smaller. But after Redis has lost its data, the largest value that any edge remembers becomes the counter. No edge may read the records now.
    private async Task CheckAsync(MonthRound round)
    {
        foreach (var edge in Both)
        {
            foreach (var (_, key) in _keys)
            {
                using var response = await edge.PostAsync(key, "/v1/embeddings", new { model = "text-embedding-3-small", input = MonthScript.Ask(Ending.Whole, 1, 0) });
                await response.Content.ReadAsStringAsync();
            }
        }

        var looked = Enumerable.Range(0, round.Looks).Select(_ => _works.TryDequeue(out var work) ? work : default).Where(work => work != default).ToList();
        looked.ForEach(work => _script.Finish(work.Id, round.AreEndsKnown));

        // Polls each work at both edges at the same time. It must still be charged only once.
        await Task.WhenAll(looked.SelectMany(work => Both.Select(async edge =>
        {
            using var response = await edge.SendAsync(work.Key, HttpMethod.Get, $"/v1/responses/{work.Id}");
            await response.Content.ReadAsStringAsync();
        })));
    }

    private async Task AssertWithinBudgetAsync()
    {
        // The sheet of each edge includes the spend of the other edge. The larger of the two sums counts.
        decimal spent = 0;
        foreach (var edge in Both)
        {
            var sheet = await edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{_project}/verify");
            spent = Math.Max(spent, Number(sheet, "records") + Number(sheet, "open_work"));
        }

        var largest = _dearest * ((MaxInput * InputPerMillion) + (MaxOutput * OutputPerMillion)) / 1_000_000m;
        Assert.True(!_isRedisSure || spent <= _cap + largest, $"{spent} USD have been spent of {_cap}, and no reservation is above {largest}.");
    }

    private async Task HappenAsync(Event happening)
    {
        switch (happening)
        {
            case Event.SetPrices:
                _price = (_price % 3) + 1;
                _dearest = Math.Max(_dearest, _price);
                await SetPricesAsync();
                break;
            case Event.RaiseBudget:
                _cap += 0.5m;
                await _edges.A.SetBudgetAsync(_project, _cap);
                break;
            case Event.LowerBudgetOfKey:
                _isBudgetMadeInUse = true;
                await _edges.B.SetBudgetAsync(_project, 0.5m, _keys[0].Id);
                break;
            case Event.FlushRedis when _mayLoseRedis && !_isRedisKilled:
                _isRedisSure = false;
                await _edges.Redis.ExecuteAsync("FLUSHALL");
                break;
            case Event.KillRedis when _mayLoseRedis && !_isRedisKilled:
                (_isRedisSure, _isRedisKilled) = (false, true);
                await _edges.Redis.KillAsync();
                break;
            case Event.StartRedis:
                await StartRedisAsync();
                break;
            case Event.LockDatabase:
                await LockDatabaseAsync();
                break;
            default:
                break;
        }
    }

    private async Task FindRedisAsync()
    {
        foreach (var edge in Both)
        {
            await Eventually.IsTrueAsync(async () =>
            {
                using var health = await edge.Http.GetAsync("/health/ready");
                return health.IsSuccessStatusCode;
            });
        }
    }

    private async Task StartRedisAsync()
    {
        if (_isRedisKilled)
        {
            await _edges.Redis.RestartAsync();
            _isRedisKilled = false;
        }
    }

    // Writers wait, and records go to the spool.
    private async Task LockDatabaseAsync()
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(_edges.A.DataDirectory, "edge.db")};Pooling=False");
        await connection.OpenAsync();
        await using var transaction = connection.BeginTransaction();
        await RealTime.PassesAsync(Locked, "The database stays locked for this time.");
    }

    private Task<JsonNode> SetPricesAsync() => _edges.B.SendAdminAsync(HttpMethod.Put, $"/api/projects/{_project}/prices", new
    {
        prices = new object[]
        {
            new { provider = "openai", model = "gpt-4o", input = _price * InputPerMillion, output = _price * OutputPerMillion },
            new { provider = "openai", model = "text-embedding-3-small", input = _price * InputPerMillion, output = 0 },
        },
    });

    private async Task SendAsync(MonthRequest request)
    {
        var edge = Both[request.IsAtB ? 1 : 0];
        var key = _keys[request.IsSecondKey ? 1 : 0].Key;
        var text = MonthScript.Ask(request.Ending, request.Input, request.Output);
        object body = request.Deed switch
        {
            Deed.Embeddings => new { model = "text-embedding-3-small", input = text },
            Deed.Background => new { model = "gpt-4o", background = true, max_output_tokens = request.MaxTokens, input = text },
            _ => new
            {
                model = request.Deed == Deed.Unpriced ? "gpt-unheard-of" : "gpt-4o",
                max_tokens = request.MaxTokens,
                stream = request.Deed == Deed.Stream,
                messages = new[] { new { role = "user", content = text } },
            },
        };
        var path = request.Deed switch { Deed.Embeddings => "embeddings", Deed.Background => "responses", _ => "chat/completions" };
        using var leaving = new CancellationTokenSource();
        if (request.Ending == Ending.LeftByCaller && request.Deed is Deed.Chat or Deed.Stream or Deed.Unpriced)
        {
            leaving.CancelAfter(TimeSpan.FromMilliseconds(100));
        }

        using var message = new HttpRequestMessage(HttpMethod.Post, $"/v1/{path}") { Content = RunningEdge.Json(body) };
        message.Headers.Authorization = new("Bearer", key);
        try
        {
            using var response = await edge.Http.SendAsync(message, leaving.Token);
            var content = await response.Content.ReadAsStringAsync(leaving.Token);
            if (request.Deed == Deed.Background && response.IsSuccessStatusCode)
            {
                _works.Enqueue(((string)JsonNode.Parse(content)!["id"]!, key));
            }
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            // The response broke off, or the caller disconnected.
        }
    }

    private static decimal Number(JsonNode sheet, string source) => decimal.Parse(sheet.Number("project", source) ?? "0", NumberStyles.Float, CultureInfo.InvariantCulture);
}
