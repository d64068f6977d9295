# Every form of the language once; the oracle test changes it in thousands of ways.
terraform {
  required_version = ">= 1.5, < 2.0"
}

variable "replicas" {
  type        = map(object({ count = number, zone = optional(string, "a") }))
  description = "how many ${"of" == "of" ? "what" : "which"}, $${not} %%{this} and \"that\" \u00e9\U0001F600 100% $5"
  default     = {}
}

locals { shortest = true }

locals {
  number    = -1.5e3 + 0.25 - 5 * 3 / 4 % 5
  condition = !var.a && (var.b || var.c != null) ? [1, 2, 3][0] : var.d >= 3 == (var.e < 4)
  traversal = aws_instance.web[0].network[*].ips.0.name
  splat     = data.thing.all.*.tags.Name
  call      = max(1, 2, var.list...)
  provided  = provider::aws::arn_parse(var.arn)
  tuple     = [for i, v in var.list : upper(v) if v != ""]
  object    = { for k, v in var.map : k => v... if length(v) > 0 }
  nested = {
    a     = 1, "b c" = 2
    (var.key) : 3
    "${var.key}-x" = [
      1,
      2, // with a comment
    ]
    /* and
       another */
    d = { e = { f = {} } }
  }
  heredoc = <<EOT
plain ${upper("x")} text
  %{if var.on~}
  on
  %{else}
  off
  %{endif}
  $${escaped} \n stays
EOT
  flush   = <<-END
    %{for k, v in var.map~}
    ${k} = ${~v~}
    %{endfor~}
      deeper
    END
}

resource "aws_instance" "web" {
  count = var.on ? 1 : 0
  ami   = lookup(local.nested, "a", "b")

  dynamic "setting" {
    for_each = toset(["x"])
    iterator = it
    content {
      name  = it.value
      value = "${it.key}"
    }
  }
  lifecycle { ignore_changes = [tags["a"], ami] }
}

module child {
  source = "./child"
}
