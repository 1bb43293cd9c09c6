using System.Text;
using Microsoft.AspNetCore.WebUtilities;

namespace Cencori.Edge.Routing;

/// <summary>What the edge has read of a request, and how it is sent on.</summary>
public abstract class RequestContent : IDisposable
{
    /// <summary>A request without a body, or one whose body does not matter here and passes as it comes.</summary>
    public static RequestContent PassThrough(bool mayRunAnyModel = false) => new Untouched { MayRunAnyModel = mayRunAnyModel };

    /// <summary>The model as the caller wrote it; null where the request names none.</summary>
    public string? Model { get; protected init; }

    /// <summary>
    /// True where no model was found in a body that may run one all the same, such as a batch or a stored prompt. A key that
    /// is limited to some models must not send it.
    /// </summary>
    public bool MayRunAnyModel { get; init; }

    /// <summary>Tokens to take from the project's bucket before the request is sent.</summary>
    public long ReservedTokens { get; protected init; }

    /// <summary>Sends this model in place of the one the caller wrote.</summary>
    public abstract void UseModel(string model);

    /// <summary>Gives the request the body, and the length, that go to the provider.</summary>
    public abstract void ForwardFrom(HttpRequest request);

    public virtual void Dispose() => GC.SuppressFinalize(this);

    private sealed class Untouched : RequestContent
    {
        public override void UseModel(string model)
        {
        }

        public override void ForwardFrom(HttpRequest request)
        {
        }
    }
}

/// <summary>No body, and a model in the query, as a realtime session begins.</summary>
public sealed class QueryContent : RequestContent
{
    public const string ModelName = "model";

    private string? _replacement;

    public QueryContent(string model) => Model = model;

    public override void UseModel(string model) => _replacement = model == Model ? null : model;

    public override void ForwardFrom(HttpRequest request)
    {
        if (_replacement is null)
        {
            return;
        }

        // Pair by pair, so that the others keep their own spelling.
        var query = new StringBuilder();
        foreach (var pair in new QueryStringEnumerable(request.QueryString.Value))
        {
            var isModel = pair.DecodeName().Span.Equals(ModelName, StringComparison.OrdinalIgnoreCase);
            query.Append(query.Length == 0 ? '?' : '&').Append(pair.EncodedName);
            query.Append('=').Append(isModel ? Uri.EscapeDataString(_replacement) : pair.EncodedValue.ToString());
        }

        request.QueryString = new QueryString(query.ToString());
    }
}

/// <summary>A JSON body, whole and scanned.</summary>
public sealed class JsonContent : RequestContent
{
    private readonly PooledBody _body;
    private readonly RequestScan _scan;

    public JsonContent(PooledBody body, in RequestScan scan, bool hasOutput)
    {
        _body = body;
        _scan = scan;
        Model = scan.Model;

        // A path that the edge does not know may lead to a chat all the same.
        ReservedTokens = scan.Reservation(hasOutput || scan.HasMessages || scan.OutputBound is not null);
    }

    public override void UseModel(string model)
    {
        if (model != Model || _scan.HasRepeatedModel)
        {
            _body.ReplaceModel(_scan, model);
        }
    }

    public override void ForwardFrom(HttpRequest request)
    {
        request.Body = _body.OpenStream();

        // The two must agree with what is sent: a stale length is a 400, and a left-over Transfer-Encoding sends chunks.
        request.ContentLength = _body.Length;
        request.Headers.Remove("Transfer-Encoding");
    }

    public override void Dispose()
    {
        _body.Dispose();
        base.Dispose();
    }
}

/// <summary>A form, held up to its model; the rest passes as it comes.</summary>
public sealed class FormContent : RequestContent
{
    private readonly MultipartPrefix _form;
    private int _growth;

    public FormContent(MultipartPrefix form)
    {
        _form = form;
        Model = form.Model;
    }

    public override void UseModel(string model)
    {
        if (model != Model)
        {
            _growth = _form.ReplaceModel(model);
        }
    }

    public override void ForwardFrom(HttpRequest request)
    {
        request.Body = _form.OpenStream();
        request.ContentLength += _growth;
    }

    public override void Dispose()
    {
        _form.Dispose();
        base.Dispose();
    }
}
