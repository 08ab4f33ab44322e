cd sub && apply_patch <<'EOF'
*** Begin Patch
*** Add File: a.txt
+hello
*** End Patch
EOF
