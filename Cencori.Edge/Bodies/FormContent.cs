using Cencori.Edge.Bodies.Multipart;
using Cencori.Edge.Bodies.Splicing;

namespace Cencori.Edge.Bodies;

/// <summary>A multipart form. The bytes up to its model are buffered. The rest streams through, so the form can be sent only once.</summary>
public sealed class FormContent : RequestContent
{
    private readonly MultipartPrefix _form;
    private readonly List<Splice> _changes = [];

    public FormContent(MultipartPrefix form)
    {
        _form = form;
        Model = form.Model;
    }

    /// <summary>The parts of the form when it is buffered whole. Null when it streams through.</summary>
    internal IReadOnlyList<FormPart>? Parts => _form.Parts;

    /// <summary>The buffered bytes.</summary>
    internal ReadOnlySpan<byte> Held => _form.Span;

    /// <summary>Adds a change that every provider receives. Changes must not overlap each other or the model.</summary>
    internal void Replace(in Splice change) => _changes.Add(change);

    public override HttpContent? Prepare(HttpRequest request, string? model, UsageOption usage)
    {
        Splice[] splices = model is null || model == _form.Model ? [] : [_form.Model is null ? _form.InsertModel(model) : _form.ReplaceModel(model)];
        splices = _changes.Count == 0 ? splices : [.. splices.Concat(_changes).OrderBy(static splice => splice.Range.Start)];
        request.Body = _form.OpenStream(splices);
        request.ContentLength += Splice.GrowthOf(splices, _form.Length);
        return null;
    }

    protected override bool TryTakeModel()
    {
        MayRunAnyModel = false;
        return true;
    }

    public override void Dispose()
    {
        _form.Dispose();
        base.Dispose();
    }
}
