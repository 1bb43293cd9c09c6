using System.Text;
using System.Text.Unicode;
using Cencori.Edge.Bodies.Multipart;
using Cencori.Edge.Policies;

namespace Cencori.Edge.Screening;

/// <summary>The texts of a form: its fields, names of files, and files that are text.</summary>
internal static class FormParts
{
    private const string Model = "model";

    public static void Scan(ReadOnlySpan<byte> form, IReadOnlyList<FormPart> parts, BodyScreen screen, PolicySet set)
    {
        foreach (var part in parts)
        {
            var content = form.Slice(part.Content.Start, part.Content.Length);
            var where = PathNames.IsPlain(Encoding.UTF8.GetBytes(part.Name)) ? part.Name : "*";
            if (part.IsFile)
            {
                screen.ScanPart(form, part.Headers, where, set, isFixed: true);
                if (content.Contains((byte)0) || !Utf8.IsValid(content))
                {
                    screen.HasUnscannable = true;
                    continue;
                }
            }

            // By the model the edge itself goes.
            screen.ScanPart(form, part.Content, where, set, isFixed: part.Name.Equals(Model, StringComparison.OrdinalIgnoreCase));
        }
    }
}
